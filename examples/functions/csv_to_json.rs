// csv_to_json: a handler that makes a JSON array of objects of the CSV that is posted to it, row by
// row as it comes. The first row has the names of the columns.
//
//     rustc --edition 2021 --target wasm32-wasi -C opt-level=3 --crate-type cdylib
//         --extern wherry=libwherry.rlib examples/functions/csv_to_json.rs -o csv_to_json.wasm
use std::io::{BufRead, BufReader, BufWriter, Write};
use wherry::{Request, Response, Result};

/// The fields of one row; a field in quotes may have commas, and two quotes for one.
fn fields(row: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut in_quotes = false;
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut().unwrap();
        match letter {
            '"' if in_quotes && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => fields.push(String::new()),
            _ => field.push(letter),
        }
    }
    fields
}

fn convert(request: Request, mut response: Response) -> Result {
    if request.method() != "POST" {
        response.status(405)?;
        response.header("Allow", "POST")?;
        return Ok(());
    }
    response.header("Content-Type", "application/json")?;
    let mut out = BufWriter::new(response);
    let mut rows = BufReader::new(request).lines();
    let names = match rows.next() {
        Some(row) => fields(row?.trim_end()),
        None => Vec::new(),
    };
    write!(out, "[")?;
    for (number, row) in rows.enumerate() {
        write!(out, "{}{{", if number == 0 { "\n" } else { ",\n" })?;
        for (column, (name, field)) in names.iter().zip(fields(row?.trim_end())).enumerate() {
            if column > 0 {
                write!(out, ", ")?;
            }
            wherry::write_json_string(&mut out, name)?;
            write!(out, ": ")?;
            wherry::write_json_string(&mut out, &field)?;
        }
        write!(out, "}}")?;
    }
    writeln!(out, "\n]")?;
    out.into_inner().map_err(|error| error.into_error())?;
    Ok(())
}
wherry::handler!(convert);
