// Panics, for what debug information says of them.

mod account {
    pub struct Account {
        entries: Vec<i32>,
    }

    impl Account {
        pub fn new(entries: Vec<i32>) -> Self {
            Account { entries }
        }

        pub fn entry(&self, index: usize) -> i32 {
            self.entries[index]
        }
    }
}

fn main() {
    let entries = std::env::args().map(|argument| argument.len() as i32).collect();
    let account = account::Account::new(entries);
    println!("{}", account.entry(3));
}
