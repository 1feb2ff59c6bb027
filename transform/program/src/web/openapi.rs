//! The description of `/api`, made of what the commands say of themselves.

use axum::response::Response;
use serde_json::{Map, Value, json};
use signatures_operations::commands::{Access, COMMANDS, Kind, Parameter, Specification};

use super::{access::Caller, api::json_of};

pub(crate) async fn openapi(_: Caller) -> Response {
    json_of(&document())
}

/// The document: OpenAPI 3.1.
pub(crate) fn document() -> Value {
    let paths: Map<_, _> =
        COMMANDS.iter().map(|command| (format!("/api/{}", command.name), path(command))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vector-signatures",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What is known of errors and alerts, and what people do about them.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": { "error": { "type": "string" } },
                },
            },
        },
    })
}

fn path(command: &Specification) -> Value {
    match command.access {
        Access::Reader if command.name == "classify" => {
            json!({ "get": asked(command), "post": posted(command, "classifyPosted") })
        }
        Access::Reader => json!({ "get": asked(command) }),
        Access::Operator => json!({ "post": posted(command, command.name) }),
    }
}

fn asked(command: &Specification) -> Value {
    let parameters: Vec<_> = command
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "in": "query",
                "required": parameter.required,
                "description": parameter.meaning,
                "schema": schema(parameter),
            })
        })
        .collect();
    let mut operation = operation(command, command.name);
    operation["parameters"] = parameters.into();
    // Nobody has to show one on loopback, where none is set.
    operation["security"] = json!([{ "token": [] }, {}]);
    operation
}

fn posted(command: &Specification, id: &str) -> Value {
    let properties: Map<_, _> = command
        .parameters
        .iter()
        .map(|parameter| {
            let mut schema = schema(parameter);
            schema["description"] = parameter.meaning.into();
            (parameter.name.to_owned(), schema)
        })
        .collect();
    let required = command.parameters.iter().filter(|parameter| parameter.required);
    let required: Vec<_> = required.map(|parameter| parameter.name).collect();
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    });
    let mut operation = operation(command, id);
    operation["requestBody"] = json!({
        "required": true,
        "content": {
            "application/json": { "schema": schema },
            "application/x-www-form-urlencoded": { "schema": schema },
        },
    });
    let anybody = command.access == Access::Reader;
    let security = if anybody { json!([{ "token": [] }, {}]) } else { json!([{ "token": [] }]) };
    operation["security"] = security;
    operation
}

fn operation(command: &Specification, id: &str) -> Value {
    let refused = |description: &str| {
        let schema = json!({ "$ref": "#/components/schemas/Error" });
        json!({
            "description": description,
            "content": { "application/json": { "schema": schema } },
        })
    };
    json!({
        "operationId": id,
        "summary": command.meaning,
        "description": format!("As a command: `{}`", command.usage),
        "responses": {
            "200": {
                "description": "The answer.",
                "content": {
                    "application/json": { "schema": {} },
                    "text/plain": { "schema": { "type": "string" } },
                },
            },
            "400": refused("It says what it must not."),
            "401": refused("A token is needed."),
            "403": refused("This token may not, or another page asked."),
            "404": refused("There is no such thing."),
            "409": refused("It is refused."),
            "429": refused("Too many wrong tokens: wait a minute."),
            "503": refused("The memory cannot be used now."),
        },
    })
}

fn schema(parameter: &Parameter) -> Value {
    match parameter.kind {
        Kind::Text if parameter.required => json!({ "type": "string", "minLength": 1 }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Length => {
            json!({ "type": "string", "pattern": "^[0-9]+[smhd]$", "examples": ["30m"] })
        }
        Kind::Number => json!({ "type": "integer", "minimum": 0 }),
        Kind::OneOf(values) => json!({ "enum": values }),
        Kind::Switch => json!({ "type": "boolean" }),
    }
}
