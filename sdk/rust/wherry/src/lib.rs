//! HTTP functions for Wherry.
//!
//! ```ignore
//! use std::io::Write;
//! use wherry::{Request, Response, Result};
//!
//! fn hello(request: Request, mut response: Response) -> Result {
//!     response.header("Content-Type", "text/plain; charset=utf-8")?;
//!     writeln!(response, "Hello, {}!", request.path())?;
//!     Ok(())
//! }
//! wherry::handler!(hello);
//! ```
//!
//! Build it as a `cdylib` for `wasm32-wasi`. Every request runs in a fresh instance of the module.
//! Reading and writing waits as long as it takes; the thread underneath serves others meanwhile.

use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};

mod imports {
    #[link(wasm_import_module = "wherry_1")]
    extern "C" {
        pub fn request_get(field: i32, into: *mut u8, capacity: usize) -> i32;
        pub fn request_header(
            name: *const u8,
            name_length: usize,
            into: *mut u8,
            capacity: usize,
        ) -> i32;
        pub fn request_header_count() -> i32;
        pub fn request_header_at(
            index: i32,
            name: *mut u8,
            name_capacity: usize,
            value: *mut u8,
            value_capacity: usize,
            lengths: *mut u32,
        ) -> i32;
        pub fn request_body_size() -> i64;
        pub fn request_read(into: *mut u8, capacity: usize) -> i32;
        pub fn response_status(status: i32) -> i32;
        pub fn response_header(
            name: *const u8,
            name_length: usize,
            value: *const u8,
            value_length: usize,
        ) -> i32;
        pub fn response_write(from: *const u8, length: usize) -> i32;
        pub fn response_flush() -> i32;
        pub fn log(level: i32, text: *const u8, length: usize);
        pub fn fetch(
            method: *const u8,
            method_length: usize,
            url: *const u8,
            url_length: usize,
            headers: *const u8,
            headers_length: usize,
            body: *const u8,
            body_length: usize,
        ) -> i32;
        pub fn fetch_wait(number: i32) -> i32;
        pub fn fetch_header(
            number: i32,
            name: *const u8,
            name_length: usize,
            into: *mut u8,
            capacity: usize,
        ) -> i32;
        pub fn fetch_read(number: i32, into: *mut u8, capacity: usize) -> i32;
        pub fn fetch_error(number: i32, into: *mut u8, capacity: usize) -> i32;
        pub fn fetch_close(number: i32) -> i32;
    }
}

/// What a handler answers: an error ends the request as failed, and is in the log.
pub type Result = std::result::Result<(), Box<dyn Error>>;

/// Why a part of an answer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The client is gone: nothing will reach it.
    Gone,
    /// The answer's head is on its way already.
    AlreadySent,
    /// No status, no header, or more bytes than the Content-Length says.
    Refused,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Refusal::Gone => "the client is gone",
            Refusal::AlreadySent => "the answer's head was sent already",
            Refusal::Refused => "not fit for an HTTP answer",
        })
    }
}

impl Error for Refusal {}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::Gone => io::ErrorKind::BrokenPipe,
            _ => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, refusal)
    }
}

fn taken(result: i32) -> std::result::Result<(), Refusal> {
    match result {
        0.. => Ok(()),
        -1 => Err(Refusal::Gone),
        -2 => Err(Refusal::AlreadySent),
        _ => Err(Refusal::Refused),
    }
}

/// Asks once for most texts, and again for those that are longer than that.
fn text(get: impl Fn(*mut u8, usize) -> i32) -> Option<String> {
    let mut bytes = vec![0; 256];
    let length = get(bytes.as_mut_ptr(), bytes.len());
    let length = usize::try_from(length).ok()?;
    if length > bytes.len() {
        bytes.resize(length, 0);
        get(bytes.as_mut_ptr(), bytes.len());
    }
    bytes.truncate(length);
    Some(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into()))
}

/// The request. Its body is what it reads.
pub struct Request {
    _private: (),
}

impl Request {
    fn field(&self, field: i32) -> String {
        text(|into, capacity| unsafe { imports::request_get(field, into, capacity) })
            .unwrap_or_default()
    }
    pub fn method(&self) -> String {
        self.field(0)
    }
    /// Behind the place where the function is, as sent; begins with a slash.
    pub fn path(&self) -> String {
        self.field(1)
    }
    /// Behind the `?`, as sent.
    pub fn query(&self) -> String {
        self.field(2)
    }
    /// The place where the function is.
    pub fn mount(&self) -> String {
        self.field(3)
    }
    /// The client's, if it is known.
    pub fn remote_address(&self) -> String {
        self.field(4)
    }
    pub fn activation_id(&self) -> String {
        self.field(5)
    }
    pub fn trace_parent(&self) -> String {
        self.field(6)
    }
    /// Path and query, as sent.
    pub fn target(&self) -> String {
        self.field(7)
    }

    /// By its name in any case; several are joined with ", ".
    pub fn header(&self, name: &str) -> Option<String> {
        text(|into, capacity| unsafe {
            imports::request_header(name.as_ptr(), name.len(), into, capacity)
        })
    }

    /// All of them, in the order they were sent.
    pub fn headers(&self) -> Vec<(String, String)> {
        let count = unsafe { imports::request_header_count() };
        (0..count).filter_map(|index| self.header_at(index)).collect()
    }

    fn header_at(&self, index: i32) -> Option<(String, String)> {
        let mut lengths = [0u32; 2];
        let mut at = |name: &mut [u8], value: &mut [u8]| unsafe {
            imports::request_header_at(
                index,
                name.as_mut_ptr(),
                name.len(),
                value.as_mut_ptr(),
                value.len(),
                lengths.as_mut_ptr(),
            )
        };
        if at(&mut [], &mut []) < 0 {
            return None;
        }
        let mut name = vec![0; lengths[0] as usize];
        let mut value = vec![0; lengths[1] as usize];
        let mut again = [0u32; 2];
        unsafe {
            imports::request_header_at(
                index,
                name.as_mut_ptr(),
                name.len(),
                value.as_mut_ptr(),
                value.len(),
                again.as_mut_ptr(),
            );
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Some((text(name), text(value)))
    }

    /// How long the body is, if that is known beforehand.
    pub fn body_size(&self) -> Option<u64> {
        u64::try_from(unsafe { imports::request_body_size() }).ok()
    }

    /// The whole body.
    pub fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.body_size().unwrap_or(0).min(1 << 30) as usize);
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Request {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = unsafe { imports::request_read(into.as_mut_ptr(), into.len()) };
        usize::try_from(count).map_err(|_| Refusal::Gone.into())
    }
}

/// The answer. What is written to it is its body; without anything it is an empty 200.
///
/// A small answer is sent when the handler is done, a larger one as it is written.
pub struct Response {
    _private: (),
}

impl Response {
    /// 200 to 599; before anything was sent.
    pub fn status(&mut self, status: u16) -> std::result::Result<(), Refusal> {
        taken(unsafe { imports::response_status(status.into()) })
    }

    /// Adds a header; before anything was sent.
    pub fn header(&mut self, name: &str, value: &str) -> std::result::Result<(), Refusal> {
        taken(unsafe {
            imports::response_header(name.as_ptr(), name.len(), value.as_ptr(), value.len())
        })
    }
}

impl Write for Response {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        taken(unsafe { imports::response_write(from.as_ptr(), from.len()) })?;
        Ok(from.len())
    }
    /// Sends what was written so far, and the head with it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(taken(unsafe { imports::response_flush() })?)
    }
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Error = 0,
    Warning = 1,
    Information = 2,
    Debug = 3,
}

/// Adds a line to the function's log.
pub fn log(level: Level, text: impl AsRef<str>) {
    let text = text.as_ref();
    unsafe { imports::log(level as i32, text.as_ptr(), text.len()) }
}

/// Why a call to another host has no answer, or no complete one.
#[derive(Clone, Debug)]
pub struct FetchError {
    /// As in docs/function-abi.md: -2 for hosts that are not allowed, -7 for timeouts, for instance.
    pub code: i32,
    pub message: String,
}

impl FetchError {
    fn of(number: i32, code: i32) -> Self {
        let message = text(|into, capacity| unsafe { imports::fetch_error(number, into, capacity) });
        FetchError { code, message: message.unwrap_or_default() }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for FetchError {}

impl From<FetchError> for io::Error {
    fn from(error: FetchError) -> Self {
        io::Error::new(io::ErrorKind::Other, error)
    }
}

/// A call to another host, which the function's manifest must name (`outbound`). Several may be
/// under way at a time; dropping one ends it.
pub struct Fetch {
    number: i32,
}

impl Fetch {
    /// Begins a call; does not wait.
    pub fn start(
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::result::Result<Fetch, FetchError> {
        let mut lines = String::new();
        for (name, value) in headers {
            lines += &format!("{}: {}\n", name, value);
        }
        let number = unsafe {
            imports::fetch(
                method.as_ptr(),
                method.len(),
                url.as_ptr(),
                url.len(),
                lines.as_ptr(),
                lines.len(),
                body.as_ptr(),
                body.len(),
            )
        };
        if number < 0 {
            return Err(FetchError::of(number, number));
        }
        Ok(Fetch { number })
    }

    /// Waits for the answer's head.
    pub fn answer(self) -> std::result::Result<Answer, FetchError> {
        let status = unsafe { imports::fetch_wait(self.number) };
        match u16::try_from(status) {
            Ok(status) => Ok(Answer { fetch: self, status }),
            Err(_) => Err(FetchError::of(self.number, status)),
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        unsafe { imports::fetch_close(self.number) };
    }
}

/// The answer of another host. Its body is what it reads.
pub struct Answer {
    fetch: Fetch,
    status: u16,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.status
    }

    /// By its name in any case; several are joined with ", ".
    pub fn header(&self, name: &str) -> Option<String> {
        text(|into, capacity| unsafe {
            imports::fetch_header(self.fetch.number, name.as_ptr(), name.len(), into, capacity)
        })
    }

    /// The whole body.
    pub fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Answer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let number = self.fetch.number;
        let count = unsafe { imports::fetch_read(number, into.as_mut_ptr(), into.len()) };
        usize::try_from(count).map_err(|_| FetchError::of(number, count).into())
    }
}

/// Gets `url` from another host.
pub fn get(url: &str) -> std::result::Result<Answer, FetchError> {
    Fetch::start("GET", url, &[], &[])?.answer()
}

/// Puts a JSON string with its quotes into `out`.
pub fn write_json_string(mut out: impl Write, text: &str) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(text.len() + 2);
    bytes.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => bytes.extend([b'\\', byte]),
            b'\n' => bytes.extend(b"\\n"),
            0..=0x1f => write!(bytes, "\\u{:04x}", byte)?,
            _ => bytes.push(byte),
        }
    }
    bytes.push(b'"');
    out.write_all(&bytes)
}

/// For [`handler!`].
#[doc(hidden)]
pub fn run(handler: impl FnOnce(Request, Response) -> Result) -> i32 {
    match handler(Request { _private: () }, Response { _private: () }) {
        Ok(()) => 0,
        Err(error) => {
            log(Level::Error, error.to_string());
            1
        }
    }
}

/// Makes a function `fn(Request, Response) -> wherry::Result` the module's handler.
#[macro_export]
macro_rules! handler {
    ($function:path) => {
        #[no_mangle]
        pub extern "C" fn wherry_handle() -> i32 {
            $crate::run($function)
        }
    };
}
