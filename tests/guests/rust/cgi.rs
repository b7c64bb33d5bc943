// A CGI program: answers its body, as it is at /echo, else in upper case, with the method in a header.
use std::env;
use std::io::{self, Read, Write};

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn echo() -> io::Result<()> {
    let mut out = io::stdout();
    write!(out, "Content-Type: {}\r\n\r\n", variable("CONTENT_TYPE"))?;
    io::copy(&mut io::stdin(), &mut out)?;
    out.flush()
}

fn main() -> io::Result<()> {
    if variable("PATH_INFO") == "/echo" {
        return echo();
    }
    let mut body = String::new();
    io::stdin().read_to_string(&mut body)?;
    let mut out = io::stdout();
    write!(out, "Content-Type: text/plain; charset=utf-8\r\n")?;
    write!(out, "X-Method: {}\r\n\r\n", variable("REQUEST_METHOD"))?;
    out.write_all(body.to_uppercase().as_bytes())
}
