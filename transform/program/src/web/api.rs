//! The commands for programs: `/api/…`, one path a command.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;
use signatures_alerts::legible;
use signatures_operations::{
    AnswerError, Who,
    commands::{Access, Command, CommandError, Specification},
};

use super::{
    access::{Caller, Refusal},
    request::{Form, of_body, of_query},
    site::{Site, peer},
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
    let who = Who::at(reader(&caller), place(&parts));
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
        Access::Reader if name == "classify" => Who::at(reader(&caller), place(&parts)),
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

/// An answer as JSON.
pub(crate) fn json_of(answer: &impl serde::Serialize) -> Response {
    match serde_json::to_string(answer) {
        Ok(body) => {
            let body = legible::json(body) + "\n";
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Err(error) => failed(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Why a command has no answer, as HTTP has it.
pub(crate) const fn status_of(error: &AnswerError) -> StatusCode {
    match error {
        AnswerError::NotFound(_) => StatusCode::NOT_FOUND,
        AnswerError::Refused(_) => StatusCode::CONFLICT,
        AnswerError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        AnswerError::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Who looks, by name where that is known.
pub(crate) fn reader(caller: &Caller) -> &str {
    match &caller.holder {
        Some(super::keys::Holder::Operator(name)) => name,
        _ => "reader",
    }
}

/// Where somebody is, as the audit has it.
pub(crate) fn place(parts: &Parts) -> String {
    format!("http {}", peer(parts))
}

fn unknown(name: &str) -> Response {
    let error = CommandError::Unknown(name.to_owned());
    failed(StatusCode::NOT_FOUND, &error.to_string())
}

pub(crate) fn refusal(refusal: Refusal) -> Response {
    let mut response = refusal.into_response();
    let body = failed(refusal.status(), refusal.reason()).into_body();
    let kind = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = body;
    response
}

/// Why there is no answer.
pub(crate) fn failed(status: StatusCode, reason: &str) -> Response {
    let body = json!({ "error": reason }).to_string();
    let body = legible::json(body) + "\n";
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
