// A command: answers the length of its parameters, and the words of its environment.
use std::io::{self, Read};

fn main() -> io::Result<()> {
    let mut parameters = String::new();
    io::stdin().read_to_string(&mut parameters)?;
    eprintln!("{} bytes", parameters.len());
    let word = std::env::var("WORD").unwrap_or_default();
    println!("{{\"length\": {}, \"word\": {:?}}}", parameters.trim().len(), word);
    Ok(())
}
