//! An exception that a logger writes as objects: structlog's list of tracebacks, and
//! log4j2's `thrown` with its causes.

use serde::Deserialize;

use super::{
    exception::{Exception, Frame},
    library::is_library,
    place::{class_and_method, frame},
};

/// One of structlog's, the outermost first; the innermost frame is the last.
#[derive(Deserialize)]
struct Traceback {
    exc_type: String,
    #[serde(default)]
    exc_value: String,
    #[serde(default)]
    frames: Vec<PythonPlace>,
}

#[derive(Deserialize)]
struct PythonPlace {
    #[serde(default)]
    filename: String,
    #[serde(default)]
    name: String,
}

/// One of log4j2's; the innermost frame is the first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thrown {
    name: String,
    message: Option<String>,
    #[serde(default)]
    extended_stack_trace: Vec<JvmPlace>,
    cause: Option<Box<Thrown>>,
}

#[derive(Deserialize)]
struct JvmPlace {
    class: String,
    method: String,
    file: Option<String>,
}

/// The exception that some JSON is, in one of these forms.
pub(super) fn parse(json: &str) -> Option<Exception> {
    match json.trim_start().as_bytes().first()? {
        b'[' => of_tracebacks(&serde_json::from_str::<Vec<Traceback>>(json).ok()?),
        _ => Some(of_thrown(&serde_json::from_str(json).ok()?)),
    }
}

fn of_tracebacks(chain: &[Traceback]) -> Option<Exception> {
    let root = chain.last()?;
    let types = chain.iter().map(|link| link.exc_type.clone()).collect();
    let places = root.frames.iter().rev();
    let own = places.filter(|place| !is_library(&place.name, &place.filename));
    let frames: Vec<Frame> = own.map(|place| frame(&place.name, &place.filename)).collect();
    Some(Exception::new(types, &*root.exc_value, frames))
}

fn of_thrown(outermost: &Thrown) -> Exception {
    let mut chain = vec![outermost];
    while let Some(cause) = chain.last().and_then(|link| link.cause.as_deref()) {
        chain.push(cause);
    }
    let types = chain.iter().map(|link| link.name.clone()).collect();
    let message = chain.last().and_then(|root| root.message.clone());
    // A cause may have none of its own: they are those of what it caused.
    let places = chain.iter().rev().flat_map(|link| &link.extended_stack_trace);
    let frames = places.filter_map(|JvmPlace { class, method, file }| {
        let function = format!("{class}.{method}");
        let path = file.as_deref().unwrap_or_default();
        (!is_library(&function, path)).then(|| frame(class_and_method(&function), path))
    });
    let frames: Vec<Frame> = frames.collect();
    Exception::new(types, message.unwrap_or_default(), frames)
}
