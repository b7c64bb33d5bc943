// Functions that are called by their names, with an allocator of our own.

#[repr(C)]
pub struct Text {
    data: *mut u8,
    length: usize,
}

fn text_of(mut bytes: Vec<u8>) -> Text {
    let text = Text { data: bytes.as_mut_ptr(), length: bytes.len() };
    std::mem::forget(bytes);
    text
}

#[no_mangle]
pub extern "C" fn wherry_alloc(size: usize) -> *mut u8 {
    let mut bytes = Vec::<u8>::with_capacity(size);
    let data = bytes.as_mut_ptr();
    std::mem::forget(bytes);
    data
}

/// # Safety
/// The caller made the text by `wherry_alloc`.
#[no_mangle]
pub unsafe extern "C" fn upper(data: *mut u8, length: usize) -> Text {
    let text = String::from_utf8(Vec::from_raw_parts(data, length, length)).unwrap();
    text_of(text.to_uppercase().into_bytes())
}

/// # Safety
/// The caller made both by `wherry_alloc`.
#[no_mangle]
pub unsafe extern "C" fn count(
    text: *const u8,
    text_length: usize,
    byte: *const u8,
    byte_length: usize,
) -> u64 {
    let text = std::slice::from_raw_parts(text, text_length);
    let byte = std::slice::from_raw_parts(byte, byte_length);
    text.iter().filter(|each| Some(*each) == byte.first()).count() as u64
}

#[no_mangle]
pub extern "C" fn mean(a: f64, b: f64) -> f64 {
    (a + b) / 2.0
}
