// A handler that passes on what the URL in its request's header X-Url answers.
use std::io::{self, Write};
use wherry::{Fetch, Request, Response, Result};

fn pass_on(mut request: Request, mut response: Response) -> Result {
    let url = request.header("X-Url").unwrap_or_default();
    let body = request.body()?;
    let fetch = Fetch::start(&request.method(), &url, &[("X-From", "guest")], &body);
    let mut answer = match fetch.and_then(Fetch::answer) {
        Ok(answer) => answer,
        Err(error) => {
            writeln!(response, "failed {} {}", error.code, error)?;
            return Ok(());
        }
    };
    response.status(answer.status())?;
    if let Some(kind) = answer.header("x-kind") {
        response.header("X-Kind", &kind)?;
    }
    if let Err(error) = io::copy(&mut answer, &mut response) {
        writeln!(response, "broke off {}", error)?;
    }
    Ok(())
}
wherry::handler!(pass_on);
