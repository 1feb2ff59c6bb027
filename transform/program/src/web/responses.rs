//! Answers and refusals in the forms that are asked for.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use signatures_alerts::legible;
use signatures_operations::AnswerError;

use super::access::Refusal;

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

/// Why there is no answer.
pub(crate) fn failed(status: StatusCode, reason: &str) -> Response {
    let body = json!({ "error": reason }).to_string();
    let body = legible::json(body) + "\n";
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Why something is not answered, as programs read it.
pub(crate) fn refusal(refusal: Refusal) -> Response {
    let mut response = refusal.into_response();
    let body = failed(refusal.status(), refusal.reason()).into_body();
    let kind = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = body;
    response
}
