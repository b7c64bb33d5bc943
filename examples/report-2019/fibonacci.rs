// fibonacci [N]: the N-th Fibonacci number by naive recursion, as fibonacci.c. The report used 42 and 52.
fn fibonacci(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fibonacci(n - 1) + fibonacci(n - 2)
    }
}

fn main() {
    let n = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(42);
    println!("fibonacci({}) = {}", n, fibonacci(n));
}
