// Adds up sales: tests/guests/README.md says what every language's `sales` does. Here with Rust's
// collections, strings, file system, errors that go up with `?`, and, as `sales panic`, a panic.
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display, Write as _};
use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::{env, fs, process};

struct Sale<'a> {
    date: &'a str,
    region: &'a str,
    product: &'a str,
    units: u64,
    cents: u64,
}

enum Problem {
    Fields(usize),
    Bad(&'static str, String),
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Problem::Fields(count) => write!(f, "has {} fields, not 5", count),
            Problem::Bad(what, value) => write!(f, "bad {} \"{}\"", what, value),
        }
    }
}

#[derive(Clone, Default)]
struct Sum {
    units: u64,
    cents: u64,
}

struct Money(u64);

impl Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

fn split(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let last = fields.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => last.extend(chars.next()),
            '"' if quoted || last.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => last.push(c),
        }
    }
    fields
}

fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.len() < 10;
    text.parse().ok().filter(|_| digits)
}

fn cents(text: &str) -> Option<u64> {
    match text.split_once('.') {
        None => Some(number(text)? * 100),
        Some((whole, part)) if part.len() == 2 => Some(number(whole)? * 100 + number(part)?),
        Some(_) => None,
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] && parts.iter().all(|part| number(part).is_some())
}

fn parse(fields: &[String]) -> Result<Sale, Problem> {
    let bad = |what, value: &String| Problem::Bad(what, value.clone());
    if let [date, region, product, units, price] = fields {
        if !is_date(date) {
            return Err(bad("date", date));
        }
        let units = number(units).ok_or_else(|| bad("units", units))?;
        let cents = units * cents(price).ok_or_else(|| bad("price", price))?;
        Ok(Sale { date, region, product, units, cents })
    } else {
        Err(Problem::Fields(fields.len()))
    }
}

#[derive(Default)]
struct Ledger {
    products: HashMap<String, Sum>,
    regions: BTreeMap<String, Sum>,
    sales: u64,
    bad: u64,
    cents: u64,
    dates: Option<(String, String)>,
}

impl Ledger {
    fn take(&mut self, name: &str, from: impl BufRead) -> io::Result<()> {
        // The first line is the header.
        for (index, line) in from.lines().enumerate().skip(1) {
            let line = line?;
            if line.is_empty() {
                continue;
            }
            match parse(&split(&line)) {
                Ok(sale) => self.add(&sale),
                Err(problem) => {
                    eprintln!("{}:{}: {}", name, index + 1, problem);
                    self.bad += 1;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, sale: &Sale) {
        let product = self.products.entry(sale.product.to_string()).or_default();
        let region = self.regions.entry(sale.region.to_string()).or_default();
        for sum in [product, region] {
            sum.units += sale.units;
            sum.cents += sale.cents;
        }
        self.sales += 1;
        self.cents += sale.cents;
        let date = sale.date.to_string();
        self.dates = Some(match self.dates.take() {
            None => (date.clone(), date),
            Some((first, last)) => (first.min(date.clone()), last.max(date)),
        });
    }

    fn products(&self) -> Vec<(&String, &Sum)> {
        let mut sums: Vec<_> = self.products.iter().collect();
        sums.sort_by(|a, b| b.1.cents.cmp(&a.1.cents).then_with(|| a.0.cmp(b.0)));
        sums
    }

    fn table<'a>(&self, title: &str, sums: impl Iterator<Item = (&'a String, &'a Sum)>) -> String {
        let mut text = format!("{:<24}{:>8}{:>12}{:>8}\n", title, "units", "revenue", "share");
        for (name, sum) in sums {
            let tenths = (sum.cents * 1000 + self.cents / 2) / self.cents.max(1);
            let share = format!("{}.{}%", tenths / 10, tenths % 10);
            writeln!(text, "{:<24}{:>8}{:>12}{:>8}", name, sum.units, Money(sum.cents), share)
                .unwrap();
        }
        text
    }

    fn summary(&self, currency: &str) -> String {
        let products: Vec<String> = self
            .products()
            .into_iter()
            .map(|(name, sum)| {
                format!(
                    "{{\"name\":{},\"units\":{},\"revenue\":\"{}\"}}",
                    quoted(name),
                    sum.units,
                    Money(sum.cents)
                )
            })
            .collect();
        format!(
            "{{\"currency\":{},\"sales\":{},\"bad\":{},\"revenue\":\"{}\",\"products\":[{}]}}\n",
            quoted(currency),
            self.sales,
            self.bad,
            Money(self.cents),
            products.join(",")
        )
    }
}

fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c < ' ' => write!(json, "\\u{:04x}", c as u32).unwrap(),
            c => json.push(c),
        }
    }
    json + "\""
}

/// The string that belongs to `key` in a flat JSON object.
fn string_field(json: &str, key: &str) -> Option<String> {
    let (_, behind) = json.split_once(&format!("\"{}\"", key))?;
    let behind = behind.trim_start_matches(|c: char| c == ':' || c.is_ascii_whitespace());
    let mut chars = behind.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'u' => {
                    let hex: String = chars.by_ref().take(4).collect();
                    text.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

fn function() -> io::Result<()> {
    let mut json = String::new();
    io::stdin().read_to_string(&mut json)?;
    match string_field(&json, "csv") {
        None => println!("{{\"error\":\"no csv\"}}"),
        Some(csv) => {
            let mut ledger = Ledger::default();
            ledger.take("csv", csv.as_bytes())?;
            let currency = string_field(&json, "currency").unwrap_or_else(|| "EUR".into());
            print!("{}", ledger.summary(&currency));
        }
    }
    Ok(())
}

fn write_and_read_back(directory: &Path, summary: &str) -> io::Result<()> {
    let path = directory.join("summary.json");
    let temporary = path.with_extension("json.new");
    fs::File::create(&temporary)?.write_all(summary.as_bytes())?;
    fs::rename(&temporary, &path)?;
    let text = fs::read(&path)?;
    assert_eq!(fs::metadata(&path)?.len(), text.len() as u64);
    let hash = text.iter().fold(0xcbf29ce484222325u64, |hash, byte| {
        (hash ^ *byte as u64).wrapping_mul(0x100000001b3)
    });
    println!("{}: {} bytes, fnv1a {:016x}", path.display(), text.len(), hash);
    Ok(())
}

fn command(input: &str, output: &str) -> io::Result<u64> {
    let mut ledger = Ledger::default();
    let mut files = Vec::new();
    for entry in fs::read_dir(input)? {
        let path = entry?.path();
        if path.extension().map_or(false, |extension| extension == "csv") {
            files.push(path);
        }
    }
    files.sort();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy();
        ledger.take(&name, io::BufReader::new(fs::File::open(file)?))?;
    }
    ledger.take("stdin", io::stdin().lock())?;
    let currency = env::var("CURRENCY").unwrap_or_else(|_| "EUR".into());
    let (first, last) =
        ledger.dates.clone().unwrap_or_else(|| ("9999-99-99".into(), "0000-00-00".into()));
    println!(
        "{} files, {} sales, {} bad lines, {} to {}, in {}",
        files.len(),
        ledger.sales,
        ledger.bad,
        first,
        last,
        currency
    );
    print!("{}", ledger.table("product", ledger.products().into_iter()));
    print!("{}", ledger.table("region", ledger.regions.iter()));
    write_and_read_back(Path::new(output), &ledger.summary(&currency))?;
    Ok(ledger.bad)
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => function(),
        ["panic"] => {
            let sums: Vec<Sum> = Vec::new();
            println!("{}", sums[arguments.len()].units);
            Ok(())
        }
        [input, output] => {
            if command(input, output)? > 0 {
                process::exit(3);
            }
            Ok(())
        }
        _ => {
            eprintln!("usage: sales INPUT-DIRECTORY OUTPUT-DIRECTORY");
            process::exit(2);
        }
    }
}
