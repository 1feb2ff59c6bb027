//! What a request says: who asks, what form the answer is to have, and parameters.

use axum::{
    body::Bytes,
    http::{HeaderMap, Uri, header},
};
use serde_json::Value;

/// The form that an answer is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Json,
    /// A table for a terminal.
    Text,
}

impl Form {
    /// The first that is asked for of those that there are; `default` for who asks for
    /// anything.
    pub(crate) fn wanted(headers: &HeaderMap, default: Self) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let kinds = accept.unwrap_or_default().split(',');
        let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
        let known = kinds.find_map(|kind| match kind {
            "text/html" | "application/xhtml+xml" => Some(Self::Html),
            "application/json" => Some(Self::Json),
            "text/plain" => Some(Self::Text),
            _ => None,
        });
        known.unwrap_or(default)
    }
}

/// The parameters behind the `?`.
pub(crate) fn of_query(uri: &Uri) -> Vec<(String, String)> {
    pairs(uri.query().unwrap_or_default().as_bytes())
}

/// The parameters of a body: a form, or an object of JSON whose values are texts,
/// numbers and switches.
///
/// # Errors
/// When it is something else.
pub(crate) fn of_body(headers: &HeaderMap, body: &Bytes) -> Result<Vec<(String, String)>, String> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match kind {
        "application/x-www-form-urlencoded" => Ok(pairs(body)),
        "application/json" => of_json(body),
        "" if body.is_empty() => Ok(Vec::new()),
        _ => Err("expected application/json, or a form".to_owned()),
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn of_json(body: &[u8]) -> Result<Vec<(String, String)>, String> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| format!("this is no JSON: {error}"))?;
    let Value::Object(members) = value else { return Err("expected an object".to_owned()) };
    let text = |(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(number) => Ok((name, number.to_string())),
        Value::Bool(switch) => Ok((name, switch.to_string())),
        Value::Null => Ok((name, String::new())),
        Value::Array(_) | Value::Object(_) => Err(format!("`{name}` is no text, number or switch")),
    };
    members.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_first_form_that_is_known_is_wanted() {
        let wanted = |value| Form::wanted(&headers(header::ACCEPT, value), Form::Json);
        assert_eq!(wanted("text/html,application/xhtml+xml,*/*;q=0.8"), Form::Html);
        assert_eq!(wanted("application/json"), Form::Json);
        assert_eq!(wanted("image/png, text/plain;q=0.5, text/html"), Form::Text);
        assert_eq!((wanted("*/*"), wanted("")), (Form::Json, Form::Json));
    }

    #[test]
    fn bodies_are_forms_or_flat_objects() {
        let of = |kind: &str, body: &'static str| {
            of_body(&headers(header::CONTENT_TYPE, kind), &Bytes::from_static(body.as_bytes()))
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = "application/x-www-form-urlencoded";
        assert_eq!(
            of(form, "a=1+2&b=%C3%BC&a="),
            Ok(vec![pair("a", "1 2"), pair("b", "ü"), pair("a", "")])
        );
        let json =
            of("application/json; charset=utf-8", r#"{"id": 3, "force": true, "note": null}"#);
        assert_eq!(json, Ok(vec![pair("id", "3"), pair("force", "true"), pair("note", "")]));
        for (kind, body, error) in [
            ("application/json", "[]", "expected an object"),
            ("application/json", r#"{"a": []}"#, "`a` is no text, number or switch"),
            ("text/plain", "a=1", "expected application/json, or a form"),
            ("", "a=1", "expected application/json, or a form"),
        ] {
            assert_eq!(of(kind, body), Err(error.to_owned()));
        }
        assert!(of("application/json", "{").unwrap_err().starts_with("this is no JSON: "));
        assert_eq!(of("", ""), Ok(vec![]));
    }
}
