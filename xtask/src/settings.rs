//! docs/settings.md: every key that a user can write, from the JSON Schemas.

use std::{fmt::Write as _, path::Path};

use serde_json::Value;

use crate::{files::FileError, outcome::Failure};

const PAGE: &str = "docs/settings.md";
const FILES: [(&str, &str); 3] = [
    ("alerts", "config/alerts.yml"),
    ("relay", "config/relay.yml"),
    ("taxonomy", "config/error_signatures.yml"),
];
const HEAD: &str = "\
# Settings

Every key of the three files. Made from their JSON Schemas in [`schemas/`](../schemas) by
`cargo xtask settings`. `*` stands for a name that you choose, `[]` for each of a list.
";

/// Writes the page.
pub(crate) fn write(root: &Path) -> Result<(), Failure> {
    let path = root.join(PAGE);
    Ok(std::fs::write(&path, page(root)?).map_err(FileError::of(&path))?)
}

fn page(root: &Path) -> Result<String, Failure> {
    let mut page = HEAD.to_owned();
    for (name, file) in FILES {
        let path = root.join(format!("schemas/{name}.schema.json"));
        let text = std::fs::read_to_string(&path).map_err(FileError::of(&path))?;
        let schema = serde_json::from_str(&text)
            .map_err(|error| Failure::Schema { path: path.clone(), error })?;
        let _ = write!(page, "\n## [`{file}`](../{file})\n\n");
        Tables { schema: &schema, rows: Vec::new(), kinds: Vec::new() }.of_file(&mut page);
    }
    Ok(page)
}

/// The tables of one file.
struct Tables<'a> {
    schema: &'a Value,
    rows: Vec<String>,
    /// What a sink can be, each with keys of its own.
    kinds: Vec<(String, &'a Value)>,
}

impl<'a> Tables<'a> {
    fn of_file(mut self, page: &mut String) {
        self.keys("", self.schema);
        self.flush(page);
        for (name, keys) in std::mem::take(&mut self.kinds) {
            let what = keys["description"].as_str().map(|what| format!("{what}\n\n"));
            let _ = write!(page, "\n### `{name}`\n\n{}", what.unwrap_or_default());
            self.keys("", keys);
            self.flush(page);
        }
    }

    fn flush(&mut self, page: &mut String) {
        page.push_str("| key | value | default | meaning |\n|---|---|---|---|\n");
        self.rows.drain(..).for_each(|row| page.push_str(&row));
    }

    /// A row for each key below a place, and for those below it.
    fn keys(&mut self, at: &str, schema: &'a Value) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            self.row(&path, property);
            self.below(&path, property);
        }
        for form in parts(schema).filter(|form| form.get("if").is_none()) {
            self.keys(at, self.resolved(form));
        }
        for form in parts(schema) {
            let (kind, then) = (&form["if"]["properties"]["type"]["const"], &form["then"]);
            if let Some(kind) = kind.as_str() {
                self.kinds.push((format!("{at}: {{type: {kind}}}"), self.resolved(then)));
            }
        }
    }

    fn below(&mut self, path: &str, schema: &'a Value) {
        let schema = self.resolved(schema);
        self.keys(path, schema);
        for (sign, key) in [(".*", "additionalProperties"), ("[]", "items")] {
            if schema[key].is_object() {
                self.below(&format!("{path}{sign}"), &schema[key]);
            }
        }
    }

    fn row(&mut self, path: &str, schema: &'a Value) {
        // One key may be described in each form that a file can have.
        let begin = format!("| `{path}` |");
        if self.rows.iter().any(|row| row.starts_with(&begin)) {
            return;
        }
        let default = self.said(schema, "default").map(|value| format!("`{value}`"));
        let default = default.unwrap_or_default();
        let meaning = self.said(schema, "description").and_then(Value::as_str).unwrap_or_default();
        let row = [self.value(schema), default, meaning.to_owned()];
        let row = row.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
        self.rows.push(format!("{begin} {} |\n", row.join(" | ").trim_end()));
    }

    /// What may be written, in words.
    fn value(&self, schema: &'a Value) -> String {
        let schema = self.resolved(schema);
        if schema["$ref"].is_string() {
            return self.value(schema);
        }
        if let Some(values) = schema["enum"].as_array() {
            let values = values.iter().filter(|value| !value.is_null());
            return values
                .map(|value| format!("`{value}`").replace('"', ""))
                .collect::<Vec<_>>()
                .join(", ");
        }
        if let Some(forms) = schema["oneOf"].as_array().filter(|_| schema.get("type").is_none()) {
            let forms = forms.iter().map(|form| self.value(form)).filter(|form| !form.is_empty());
            return forms.collect::<Vec<_>>().join(" or ");
        }
        let kinds = match &schema["type"] {
            Value::String(kind) => vec![kind.as_str()],
            kinds => kinds.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        match kinds.first().copied().unwrap_or_default() {
            "array" => match self.value(&schema["items"]) {
                of if of.is_empty() => "list".to_owned(),
                of => format!("list of: {of}"),
            },
            "object" | "null" | "" => String::new(),
            // Whatever YAML makes of a text without quotes.
            "string" => "text".to_owned(),
            "boolean" => "`true`, `false`".to_owned(),
            number => format!("{number}{}", bounds(schema)),
        }
    }

    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let reference = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
        reference.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(schema)
    }

    /// What a schema says, or the one that it refers to, and so on.
    fn said(&self, schema: &'a Value, key: &str) -> Option<&'a Value> {
        let next = self.resolved(schema);
        let further = || (!std::ptr::eq(next, schema)).then(|| self.said(next, key))?;
        schema.get(key).or_else(further)
    }
}

/// The forms that a value has at once, or one of.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "oneOf"].into_iter().flat_map(|key| schema[key].as_array().into_iter().flatten())
}

fn bounds(schema: &Value) -> String {
    let below = match (&schema["minimum"], &schema["exclusiveMinimum"]) {
        (Value::Null, Value::Null) => None,
        (Value::Null, above) => Some(format!("above {above}")),
        (least, _) => Some(format!("from {least}")),
    };
    let above = match &schema["maximum"] {
        Value::Null => None,
        most => Some(format!("to {most}")),
    };
    let bounds: Vec<_> = below.into_iter().chain(above).collect();
    if bounds.is_empty() { String::new() } else { format!(", {}", bounds.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command;

    #[test]
    fn the_page_is_that_of_the_schemas() {
        let root = command::root();
        let committed = std::fs::read_to_string(root.join(PAGE)).unwrap();
        assert!(page(&root).unwrap() == committed, "run `cargo xtask settings`");
    }

    #[test]
    fn every_key_has_a_meaning() {
        let page = page(&command::root()).unwrap();
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        let without: Vec<_> =
            rows.filter(|row| row.ends_with("| |") || row.ends_with("|  |")).collect();
        assert_eq!(without, <[&str; 0]>::default());
    }

    #[test]
    fn keys_below_references_lists_and_names_are_found_with_their_bounds() {
        let schema = serde_json::json!({
            "properties": {
                "a": {"description": "A.", "$ref": "#/$defs/n", "default": 3},
                "list": {"description": "L.", "type": "array", "items": {"properties": {"x": {"type": "string"}}}},
                "named": {"type": "object", "additionalProperties": {"$ref": "#/$defs/sink"}},
            },
            "$defs": {
                "n": {"type": "integer", "minimum": 1, "maximum": 9},
                "sink": {
                    "properties": {"type": {"enum": ["s", "t"], "description": "Which."}},
                    "allOf": [{"if": {"properties": {"type": {"const": "s"}}}, "then": {"$ref": "#/$defs/s"}}],
                },
                "s": {"properties": {"url": {"oneOf": [{"type": "null"}, {"type": "string"}]}}},
            },
        });
        let mut page = String::new();
        Tables { schema: &schema, rows: Vec::new(), kinds: Vec::new() }.of_file(&mut page);
        let head = "| key | value | default | meaning |\n|---|---|---|---|\n";
        let expected = format!(
            "{head}| `a` | integer, from 1 to 9 | `3` | A. |\n| `list` | list |  | L. |\n\
             | `list[].x` | text |  | |\n| `named` |  |  | |\n\
             | `named.*.type` | `s`, `t` |  | Which. |\n\
             \n### `named.*: {{type: s}}`\n\n{head}| `url` | text |  | |\n"
        );
        assert_eq!(page, expected);
    }
}
