//! The commands for programs: `/api/…`, one path a command.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use signatures_operations::{
    Who,
    commands::{Access, Command, CommandError, Specification},
};

use super::{
    access::{Caller, place},
    request::{Form, of_body, of_query},
    responses::{failed, json_of, refusal, status_of},
    site::Site,
};

/// How wide a table may be that is asked for.
const COLUMNS: HeaderName = HeaderName::from_static("columns");

/// What only looks.
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path(name): Path<String>,
    parts: Parts,
) -> Response {
    let Some(specification) = Specification::of(&name) else { return unknown(&name) };
    if specification.access == Access::Operator {
        return failed(StatusCode::METHOD_NOT_ALLOWED, &format!("`{name}` is posted"));
    }
    let who = Who::at(caller.name(), place(&parts));
    answer(&site, &name, Ok(of_query(&parts.uri)), who, &parts.headers).await
}

/// What changes something; and `classify`, whose text may be long, and is no one's
/// business in the log of a proxy.
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    Path(name): Path<String>,
    parts: Parts,
    body: Bytes,
) -> Response {
    let Some(specification) = Specification::of(&name) else { return unknown(&name) };
    let who = match specification.access {
        Access::Operator => match caller.operator(&parts) {
            Ok(operator) => Who::at(operator, place(&parts)),
            Err(refused) => return refusal(refused),
        },
        Access::Reader if name == "classify" => Who::at(caller.name(), place(&parts)),
        Access::Reader => {
            return failed(StatusCode::METHOD_NOT_ALLOWED, &format!("`{name}` is asked by GET"));
        }
    };
    let parameters = of_body(&parts.headers, &body);
    answer(&site, &name, parameters, who, &parts.headers).await
}

async fn answer(
    site: &Site,
    name: &str,
    parameters: Result<Vec<(String, String)>, String>,
    who: Who,
    headers: &HeaderMap,
) -> Response {
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(reason) => return failed(StatusCode::BAD_REQUEST, &reason),
    };
    let command = match Command::from_parameters(name, &parameters) {
        Ok(command) => command,
        Err(error) => return failed(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let is_text = Form::wanted(headers, Form::Json) == Form::Text;
    let columns = headers.get(COLUMNS).and_then(|value| value.to_str().ok()?.parse().ok());
    let answer = site.look(move |desk| {
        let now = Timestamp::now();
        let answer = desk.answer(&command, &who, now)?;
        let table = is_text.then(|| answer.table(&desk.timezone, columns, now));
        Ok((answer, table))
    });
    match answer.await {
        Ok((_, Some(lines))) => (lines.join("\n") + "\n").into_response(),
        Ok((answer, None)) => json_of(&answer),
        Err(error) => failed(status_of(&error), &error.to_string()),
    }
}

fn unknown(name: &str) -> Response {
    let error = CommandError::Unknown(name.to_owned());
    failed(StatusCode::NOT_FOUND, &error.to_string())
}
