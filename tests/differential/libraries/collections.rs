// Rust's collections, strings, formatting and 128-bit integers as a library. Nothing here asks WASI
// for anything: what is random or printed would end the call.
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::fmt::Write;

// A sequence of numbers that depends on the arguments alone.
fn numbers(seed: u32, count: u32) -> impl Iterator<Item = u32> {
    let mut state = seed | 1;
    (0..count % 300).map(move |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    })
}

fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf29ce484222325, |hash, byte| {
        (hash ^ byte as u64).wrapping_mul(0x100000001b3)
    })
}

#[no_mangle]
pub extern "C" fn map_of(seed: u32, count: u32, step: u32) -> u64 {
    let mut map: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for number in numbers(seed, count) {
        map.entry(number % (step % 50 + 1))
            .or_default()
            .push(number);
    }
    let removed = map.remove(&(seed % 10)).map_or(0, |list| list.len() as u64);
    let text: String = map
        .iter()
        .map(|(key, list)| format!("{}:{:?};", key, list))
        .collect();
    hash(text.bytes()) ^ removed
}

#[no_mangle]
pub extern "C" fn sort_and_search(seed: u32, count: u32, wanted: i32) -> i64 {
    let mut list: Vec<i32> = numbers(seed, count).map(|n| n as i32 >> 16).collect();
    list.sort_unstable();
    list.dedup();
    match list.binary_search(&(wanted >> 16)) {
        Ok(found) => found as i64,
        Err(place) => -(place as i64) - 1,
    }
}

#[no_mangle]
pub extern "C" fn stable_sort(seed: u32, count: u32) -> u64 {
    let mut list: Vec<(u8, String)> = numbers(seed, count)
        .map(|n| (n as u8 % 8, format!("{:x}", n)))
        .collect();
    list.sort_by(|a, b| b.0.cmp(&a.0));
    hash(list.into_iter().flat_map(|(_, text)| text.into_bytes()))
}

#[no_mangle]
pub extern "C" fn heap_and_queue(seed: u32, count: u32) -> u64 {
    let mut heap: BinaryHeap<u32> = BinaryHeap::new();
    let mut queue: VecDeque<u32> = VecDeque::new();
    for number in numbers(seed, count) {
        heap.push(number);
        queue.push_front(number);
        if number % 3 == 0 {
            queue.pop_back();
        }
        if number % 5 == 0 {
            queue.extend(heap.pop());
        }
    }
    let set: BTreeSet<u32> = queue.into_iter().chain(heap.into_sorted_vec()).collect();
    hash(set.into_iter().flat_map(u32::to_le_bytes))
}

#[no_mangle]
pub extern "C" fn text_of_integer(value: i64, width: u32) -> u64 {
    let mut text = String::new();
    let width = width as usize % 30;
    write!(
        text,
        "{0}|{0:+}|{0:#x}|{0:b}|{0:o}|{0:>1$}|{0:^01$}",
        value, width
    )
    .unwrap();
    let back: i64 = text.split('|').next().unwrap().parse().unwrap();
    hash(text.bytes()) ^ (back == value) as u64
}

// To text and back, which is exact.
#[no_mangle]
pub extern "C" fn text_of_float(value: f64) -> u64 {
    let text = format!("{} {:e} {:.3} {:?}", value, value, value, value as f32);
    let back: f64 = text.split(' ').next().unwrap().parse().unwrap();
    hash(text.bytes()) ^ (back == value || value.is_nan()) as u64
}

#[no_mangle]
pub extern "C" fn characters(seed: u32, count: u32) -> u64 {
    let text: String = numbers(seed, count)
        .filter_map(|n| char::from_u32(n % 0x11000))
        .collect();
    let other: String = text.chars().rev().flat_map(char::to_uppercase).collect();
    let words = other
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    hash(words.flat_map(|word| word.bytes())) ^ text.len() as u64
}

#[no_mangle]
pub extern "C" fn wide(a: u64, b: u64, shift: u32) -> u64 {
    let x = (a as u128) << 64 | b as u128;
    let y = (x >> (shift % 128)).wrapping_mul(x) ^ (b as i128 >> (shift % 64)) as u128;
    let (quotient, rest) = (y / (a as u128 | 1), y % (b as u128 | 1));
    (quotient ^ rest) as u64 ^ ((quotient ^ rest) >> 64) as u64
}

#[no_mangle]
pub extern "C" fn saturating(value: f64, small: f32) -> i64 {
    value as i64 ^ (value as u64 as i64) << 1 ^ small as i32 as i64 ^ (small as u8 as i64) << 3
}
#[no_mangle]
pub extern "C" fn checked(a: i32, b: i32) -> i64 {
    let sum = a.checked_add(b).map_or(-1, i64::from);
    let product = a.checked_mul(b).map_or(-2, i64::from);
    let quotient = a.checked_div(b).map_or(-3, i64::from);
    let power = a.checked_pow(b as u32 % 8).map_or(-4, i64::from);
    sum.wrapping_mul(31) ^ product ^ quotient.rotate_left(7) ^ power.leading_zeros() as i64
}

// An index that is out of bounds, and a division by zero: panics, which end in `unreachable`.
#[no_mangle]
pub extern "C" fn index(seed: u32, at: u32) -> u32 {
    let list: Vec<u32> = numbers(seed, 40).collect();
    list[at as usize % 48] / (seed % 7)
}

trait Shape {
    fn area(&self) -> u64;
    fn scaled(&self, by: u32) -> Box<dyn Shape>;
}
struct Square(u32);
struct Oblong(u32, u32);
impl Shape for Square {
    fn area(&self) -> u64 {
        self.0 as u64 * self.0 as u64
    }
    fn scaled(&self, by: u32) -> Box<dyn Shape> {
        Box::new(Oblong(self.0.wrapping_mul(by), self.0))
    }
}
impl Shape for Oblong {
    fn area(&self) -> u64 {
        self.0 as u64 * self.1 as u64
    }
    fn scaled(&self, by: u32) -> Box<dyn Shape> {
        Box::new(Square(self.1 / (by % 5 + 1)))
    }
}

#[no_mangle]
pub extern "C" fn shapes(seed: u32, count: u32) -> u64 {
    let mut shape: Box<dyn Shape> = Box::new(Square(seed));
    numbers(seed, count).fold(0, |sum: u64, number| {
        shape = shape.scaled(number);
        sum.wrapping_add(shape.area())
    })
}
