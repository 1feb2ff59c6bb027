//! The page's forms: a command, and back to where they stand.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use signatures_operations::{
    Answer, Who,
    commands::{Access, Command, Specification},
};

use super::{
    access::Caller,
    api::{place, status_of},
    login::local,
    page,
    request::of_body,
    site::{Site, refuse},
};

/// Does what a form asks for.
pub(crate) async fn act(
    caller: Caller,
    State(site): State<Site>,
    Path(name): Path<String>,
    parts: Parts,
    body: Bytes,
) -> Response {
    let operator = match caller.operator(&parts) {
        Ok(operator) => Who::at(operator, place(&parts)),
        Err(refusal) => return refuse(&site, &parts, refusal),
    };
    let mut parameters = of_body(&parts.headers, &body).unwrap_or_default();
    let back = parameters.iter().position(|(name, _)| name == "back");
    let back = back.map_or_else(|| "/".to_owned(), |index| parameters.remove(index).1);
    let back = local(&back);
    // Forms do what changes something, and no more.
    let is_write = Specification::of(&name).is_some_and(|one| one.access == Access::Operator);
    let command = Command::from_parameters(&name, &parameters);
    let command = match command {
        Ok(command) if is_write => command,
        Ok(_) => return Redirect::to(back).into_response(),
        Err(error) => {
            let status = axum::http::StatusCode::BAD_REQUEST;
            return (status, page::notice("This is not done", &error.to_string(), back))
                .into_response();
        }
    };
    match site.answer(command, operator).await {
        // What it hits is what people want to know.
        Ok(Answer::Silenced(silenced)) => {
            Redirect::to(&format!("/silences/{}", silenced.silence.id)).into_response()
        }
        Ok(_) => Redirect::to(back).into_response(),
        Err(error) => {
            let told = page::notice("This is not done", &error.to_string(), back);
            (status_of(&error), told).into_response()
        }
    }
}
