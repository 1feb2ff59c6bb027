//! The commands for programs: `/api/…`, one path a command.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
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

/// By which methods a command is asked. `classify` may be posted, too: its text may be
/// long, and is no one's business in the log of a proxy.
pub(crate) fn methods(command: &'static Specification) -> MethodRouter<Site> {
    let asked = move |caller: Caller, State(site): State<Site>, parts: Parts| async move {
        let who = Who::at(caller.name(), place(&parts));
        answer(&site, command.name, Ok(of_query(&parts.uri)), who, &parts.headers).await
    };
    let posted = move |caller: Caller, State(site): State<Site>, parts: Parts, body: Bytes| async move {
        let name = match command.access {
            Access::Reader => caller.name(),
            Access::Operator => match caller.operator(&parts) {
                Ok(operator) => operator,
                Err(refused) => return refusal(refused),
            },
        };
        let who = Who::at(name, place(&parts));
        let parameters = of_body(&parts.headers, &body);
        answer(&site, command.name, parameters, who, &parts.headers).await
    };
    match command.access {
        Access::Operator => post(posted),
        Access::Reader if command.name == "classify" => get(asked).post(posted),
        Access::Reader => get(asked),
    }
}

/// A command that there is not.
pub(crate) async fn unknown(_: Caller, Path(name): Path<String>) -> Response {
    failed(StatusCode::NOT_FOUND, &CommandError::Unknown(name).to_string())
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
