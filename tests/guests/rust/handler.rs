// A handler that does, by its path, what handlers do.
use std::io::{Read, Write};
use wherry::{Level, Request, Response, Result};

fn echo(mut request: Request, mut response: Response) -> Result {
    if let Some(kind) = request.header("content-type") {
        response.header("Content-Type", &kind)?;
    }
    let mut piece = [0; 4096];
    loop {
        match request.read(&mut piece)? {
            0 => return Ok(()),
            count => response.write_all(&piece[..count])?,
        }
    }
}

fn describe(request: Request, mut response: Response) -> Result {
    writeln!(response, "{} {}", request.method(), request.target())?;
    writeln!(response, "path={} query={}", request.path(), request.query())?;
    writeln!(response, "size={:?}", request.body_size())?;
    for (name, value) in request.headers() {
        writeln!(response, "{}:{}", name, value)?;
    }
    Ok(())
}

fn handle(mut request: Request, mut response: Response) -> Result {
    match request.path().as_str() {
        "/echo" => echo(request, response),
        "/whole" => {
            let body = request.body()?;
            response.write_all(&body)?;
            Ok(())
        }
        "/describe" => describe(request, response),
        "/json" => Ok(wherry::write_json_string(&mut response, "\"a\\\n\u{1}é☕")?),
        "/stream" => {
            for number in 0..3 {
                writeln!(response, "piece {}", number)?;
                response.flush()?;
            }
            Ok(())
        }
        "/late" => {
            response.flush()?;
            response.status(500)?;
            Ok(())
        }
        "/error" => Err("it did not work".into()),
        "/panic" => panic!("as it was told to"),
        path => {
            wherry::log(Level::Warning, format!("no {}", path));
            response.status(404)?;
            Ok(())
        }
    }
}
wherry::handler!(handle);
