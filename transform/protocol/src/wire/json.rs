//! An object or array as JSON text, for the patterns to look at.

use super::{
    malformed::{MAX_DEPTH, Malformed},
    reader::Reader,
    value::{Kind, Run, timestamp},
};

/// An object or array that is being written.
struct Level<'a> {
    object: bool,
    run: Run<'a>,
    piece: Reader<'a>,
    empty: bool,
}

/// A value, and inside an object its key.
type Item<'a> = (Option<&'a [u8]>, &'a [u8]);

/// The JSON text of a value. Does not recurse; what is malformed or too deep
/// ends the text early.
pub(super) fn text(kind: Kind<'_>) -> String {
    let mut out = String::new();
    let mut levels = Vec::new();
    begin(kind, &mut out, &mut levels);
    loop {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { return out };
        match level.next() {
            Ok(Some((key, value))) if depth < MAX_DEPTH => {
                level.write_lead(key, &mut out);
                begin(Kind::of(value).unwrap_or(Kind::Null), &mut out, &mut levels);
            }
            Ok(None) => {
                out.push(if level.object { '}' } else { ']' });
                levels.pop();
            }
            _ => return out,
        }
    }
}

fn begin<'a>(kind: Kind<'a>, out: &mut String, levels: &mut Vec<Level<'a>>) {
    match kind {
        Kind::Bytes(bytes) => quote(&String::from_utf8_lossy(bytes), out),
        Kind::Timestamp(run) => match timestamp(run) {
            Some(time) => quote(&time.to_string(), out),
            None => out.push_str("null"),
        },
        Kind::Integer(number) => out.push_str(&number.to_string()),
        Kind::Float(number) => match serde_json::Number::from_f64(number) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str("null"),
        },
        Kind::Boolean(boolean) => out.push_str(if boolean { "true" } else { "false" }),
        Kind::Null | Kind::Unset => out.push_str("null"),
        Kind::Map(run) | Kind::Array(run) => {
            let object = matches!(kind, Kind::Map(_));
            out.push(if object { '{' } else { '[' });
            levels.push(Level { object, run, piece: Reader::new(&[]), empty: true });
        }
    }
}

impl<'a> Level<'a> {
    fn next(&mut self) -> Result<Option<Item<'a>>, Malformed> {
        loop {
            match self.piece.field()? {
                Some(field) if field.number == 1 => {
                    let item = field.bytes()?;
                    return match self.object {
                        true => entry(item).map(|(key, value)| Some((Some(key), value))),
                        false => Ok(Some((None, item))),
                    };
                }
                Some(_) => {}
                None => match self.run.piece()? {
                    Some(piece) => self.piece = Reader::new(piece),
                    None => return Ok(None),
                },
            }
        }
    }

    fn write_lead(&mut self, key: Option<&[u8]>, out: &mut String) {
        if !self.empty {
            out.push(',');
        }
        self.empty = false;
        if let Some(key) = key {
            quote(&String::from_utf8_lossy(key), out);
            out.push(':');
        }
    }
}

/// Key and value of an entry of a map; of several the last.
fn entry(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut reader = Reader::new(bytes);
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    while let Some(field) = reader.field()? {
        match field.number {
            1 => key = field.bytes()?,
            2 => value = field.bytes()?,
            _ => {}
        }
    }
    Ok((key, value))
}

fn quote(text: &str, out: &mut String) {
    match serde_json::to_string(text) {
        Ok(quoted) => out.push_str(&quoted),
        Err(_) => out.push_str("\"\""),
    }
}
