//! One look at an event: what it says, and how loud. The two hang together where
//! a text brings a level of its own, or an event of its own.

use std::borrow::Cow;

use crate::{
    bare_text::{bare, is_bare, part},
    event::{Event, Value},
    exception::{EXCEPTION_FIELDS, exception_of},
    json_inside::{MAX_NESTED, goes_first, json_inside},
    level::{Level, LevelNames, OTHER_NAMES},
    line::{LogLine, looks_like_json},
    names::Names,
    skip::is_own,
    subject::{MESSAGE_FIELDS, Subject, SubjectFields},
    wrapper::unwrapped,
};

const EXCEPTION_NAMES: Names = Names::of(&[&EXCEPTION_FIELDS]);
const MESSAGE_NAMES: Names = Names::of(&[&MESSAGE_FIELDS]);

/// How many fields of an event are searched; to find one takes longer the more
/// there are.
const MAX_FIELDS: usize = 1000;

/// What is to be looked at in an event.
#[derive(Clone, Copy, Debug)]
pub struct Looking<'s> {
    /// Which fields make up the subject.
    pub fields: &'s SubjectFields,
    /// What a team calls its levels.
    pub levels: &'s LevelNames,
    /// How many bytes of a subject are looked at.
    pub subject_bytes: usize,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look<'a> {
    /// What the event says; empty when it says nothing.
    pub subject: Subject<'a>,
    /// How loud it says it is: by JSON inside its text, or else by its fields, or
    /// else where log formats put a level into a text.
    pub level: Option<Level>,
    /// Whether it carries, as JSON inside its text, an event of this system.
    pub is_own: bool,
}

/// Which names an event has, as far as one look at them tells.
#[derive(Clone, Copy)]
struct Hints {
    level: bool,
    exception: bool,
}

impl Hints {
    fn of(event: &impl Event) -> Self {
        let mut found = Self { level: false, exception: false };
        let untold = event.any_name(&mut |name| {
            found.level |= OTHER_NAMES.may_hold(name);
            found.exception |= EXCEPTION_NAMES.may_hold(name);
            false
        });
        Self { level: found.level | untold, exception: found.exception | untold }
    }
}

impl<'a> Look<'a> {
    /// Looks at an event.
    #[must_use]
    pub fn at(event: &'a impl Event, how: &Looking<'_>) -> Self {
        match event.as_text() {
            Some(text) => {
                let line = PlainLine::of(text, how);
                line.inside(how).unwrap_or_else(|| {
                    let level = line.level(how);
                    line.look(level, how)
                })
            }
            None => Self::at_fields(event, how, Level::of_common(event, how.levels), MAX_NESTED),
        }
    }

    /// The same of an event that says no level below `min_level`; none of one that
    /// does.
    #[must_use]
    pub fn from_level(event: &'a impl Event, how: &Looking<'_>, min_level: Level) -> Option<Self> {
        let is_below = |level: Option<Level>| level.is_some_and(|level| level < min_level);
        let look = match event.as_text() {
            Some(text) => {
                let line = PlainLine::of(text, how);
                match line.inside(how) {
                    Some(inside) => inside,
                    None => {
                        // Most lines end here, and nothing is made of them.
                        let level = line.level(how);
                        return (!is_below(level)).then(|| line.look(level, how));
                    }
                }
            }
            None => {
                let level = Level::of_common(event, how.levels);
                if is_below(level) && json_inside(event).is_none() {
                    return None;
                }
                Self::at_fields(event, how, level, MAX_NESTED)
            }
        };
        (!is_below(look.level)).then_some(look)
    }

    /// A look at the event that a text holds as JSON; none when it holds none.
    fn inside<'b>(text: &str, cut: bool, how: &Looking<'_>, depth: usize) -> Option<Look<'b>> {
        if !looks_like_json(text) {
            return None;
        }
        let line = LogLine::parse(text);
        if matches!(line, LogLine::Plain(_)) {
            return None;
        }
        let level = Level::of_common(&line, how.levels);
        let look = Look::at_fields(&line, how, level, depth - 1);
        let mut subject = look.subject.into_owned();
        subject.cut |= cut;
        Some(Look { subject, level: look.level, is_own: is_own(&line) })
    }

    /// `depth`: how many texts inside each other may still be read as JSON.
    fn at_fields(
        event: &'a impl Event,
        how: &Looking<'_>,
        common_level: Option<Level>,
        depth: usize,
    ) -> Self {
        let hints = Hints::of(event);
        let level = match common_level {
            None if hints.level => Level::of_others(event, how.levels),
            level => level,
        };
        let exception = |taken: &str| {
            let may_be = how.fields.others && hints.exception;
            may_be.then(|| exception_of(event, taken)).flatten()
        };
        let limit = how.subject_bytes;
        let Some(own) = OwnText::of(event, how) else {
            let subject = match exception("") {
                Some(text) => {
                    let (text, cut) = bare(text, limit);
                    Subject::new(text, cut, None, limit)
                }
                None => Subject::none(),
            };
            return Self { subject, level, is_own: false };
        };
        let OwnText { mut text, cut, name, alone } = own;
        let by_form = alone && depth > 0;
        if by_form {
            text = without_wrapper(text).0;
            if let Some(inside) = Self::inside(&text, cut, how, depth)
                && (inside.subject.is_found() || exception(name).is_none())
            {
                let level = match goes_first(event, name) {
                    true => inside.level.or(level),
                    false => level.or(inside.level),
                };
                return Self { level, ..inside };
            }
        }
        let subject = Subject::new(text, cut, exception(name), limit);
        let look = Self { subject, level, is_own: false };
        if by_form { look.with_level_of_text(how) } else { look }
    }

    /// With the level that its text has by its form, where none is said.
    fn with_level_of_text(mut self, how: &Looking<'_>) -> Self {
        if self.level.is_none() {
            self.level = Level::of_text(self.subject.own(), how.levels);
        }
        self
    }
}

/// An event that is nothing but a text.
struct PlainLine<'a> {
    text: Cow<'a, str>,
    cut: bool,
    /// Whether it is other than it came, so that JSON may begin it which nobody
    /// has seen yet.
    changed: bool,
}

impl<'a> PlainLine<'a> {
    #[inline]
    fn of(text: Cow<'a, str>, how: &Looking<'_>) -> Self {
        if let Cow::Borrowed(line) = text
            && is_bare(line, how.subject_bytes)
            && unwrapped(line).is_none()
        {
            return Self { text, cut: false, changed: false };
        }
        let (text, cut) = bare(text, how.subject_bytes);
        let (text, wrapped) = without_wrapper(text);
        let changed = wrapped || matches!(text, Cow::Owned(_));
        Self { text, cut, changed }
    }

    #[inline]
    fn inside(&self, how: &Looking<'_>) -> Option<Look<'a>> {
        self.changed.then(|| Look::inside(&self.text, self.cut, how, MAX_NESTED)).flatten()
    }

    #[inline]
    fn level(&self, how: &Looking<'_>) -> Option<Level> {
        Level::of_text(&self.text, how.levels)
    }

    fn look(self, level: Option<Level>, how: &Looking<'_>) -> Look<'a> {
        let subject = Subject::new(self.text, self.cut, None, how.subject_bytes);
        Look { subject, level, is_own: false }
    }
}

/// The text that the fields of an event make up.
struct OwnText<'a, 's> {
    text: Cow<'a, str>,
    cut: bool,
    /// The field that it is the text of, or the first of them.
    name: &'s str,
    /// Whether it is the text of one field, and nothing else.
    alone: bool,
}

impl<'a, 's> OwnText<'a, 's> {
    fn of(event: &'a impl Event, how: &Looking<'s>) -> Option<Self> {
        let limit = how.subject_bytes;
        let fields: &'s SubjectFields = how.fields;
        let mut parts = fields
            .lists
            .iter()
            .filter_map(|names| names.iter().find_map(|name| Self::of_field(event, name, limit)));
        let Some(mut own) = parts.next() else {
            let others = fields.others && MESSAGE_NAMES.may_be_in(event);
            return others.then(|| Self::of_others(event, limit)).flatten();
        };
        for next in parts {
            own.alone = false;
            let text = own.text.to_mut();
            if text.len() > limit {
                break;
            }
            text.push(' ');
            text.push_str(&next.text);
            own.cut |= next.cut;
        }
        if own.text.len() > limit {
            own.cut = true;
            own.text = part(own.text, |text| &text[..text.floor_char_boundary(limit)]);
        }
        Some(own)
    }

    fn of_field(event: &'a impl Event, name: &'s str, limit: usize) -> Option<Self> {
        let value = event.get(name)?;
        let alone = matches!(value, Value::Text(_));
        let (text, cut) = bare(value.into_subject_text()?, limit);
        (!text.is_empty()).then_some(Self { text, cut, name, alone })
    }

    fn of_others(event: &'a impl Event, limit: usize) -> Option<Self> {
        MESSAGE_FIELDS.iter().find_map(|name| match event.get(name)? {
            Value::Composite(json) => match *name {
                "MESSAGE" => {
                    let (text, cut) = bare(Cow::Owned(text_of_bytes(&json)?), limit);
                    (!text.is_empty()).then_some(Self { text, cut, name, alone: true })
                }
                "msg" | "Message" | "body" | "Body" | "jsonPayload" => {
                    Self::of_field(event, name, limit)
                }
                _ => None,
            },
            Value::Boolean(_) => None,
            Value::Text(_) | Value::Number(_) => Self::of_field(event, name, limit),
        })
    }
}

/// The text whose bytes an array of JSON lists, as journald writes what is not
/// printable.
fn text_of_bytes(json: &str) -> Option<String> {
    let bytes: Vec<u8> = serde_json::from_str(json).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn without_wrapper(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    match unwrapped(&text).is_some() {
        true => (part(text, |text| unwrapped(text).unwrap_or(text)), true),
        false => (text, false),
    }
}

/// Whether the test holds for a text of an event: for a plain line, or else for
/// what one of its fields says, as JSON where that is an object or array.
pub fn any_text(event: &impl Event, test: impl Fn(&str) -> bool) -> bool {
    if let Some(text) = event.as_text() {
        return test(&text);
    }
    let holds = |name: &str| match event.get(name) {
        Some(Value::Text(text) | Value::Composite(text)) => test(&text),
        _ => false,
    };
    let mut told = 0_usize;
    let found = event.any_name(&mut |name| {
        told += 1;
        told > MAX_FIELDS || holds(name)
    });
    match told > 0 {
        true => found && told <= MAX_FIELDS,
        // Its holder does not tell its names.
        false => ["message", "error"].iter().chain(&MESSAGE_FIELDS).any(|name| holds(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    fn look(line: &str, subject_bytes: usize) -> Look<'static> {
        let (fields, levels) = (SubjectFields::default(), LevelNames::default());
        let how = Looking { fields: &fields, levels: &levels, subject_bytes };
        let line = LogLine::parse(line);
        let Look { subject, level, is_own } = Look::at(&line, &how);
        Look { subject: subject.into_owned(), level, is_own }
    }

    fn subject(line: &str, limit: usize) -> (String, bool) {
        let subject = look(line, limit).subject;
        (subject.text.into_owned(), subject.cut)
    }

    #[test]
    fn the_fields_that_are_there_are_joined_in_order() {
        let cases = [
            (
                r#"{"operation":"op","error_code":504,"error":"boom","message":"m","event":"e"}"#,
                "e boom 504 op",
            ),
            (r#"{"message":"m","error":""}"#, "m"),
            (r#"{"message":"m","error":null}"#, "m"),
            (r#"{"message":"m","error":true}"#, "m"),
            (r#"{"message":"m","error":{ }}"#, "m"),
            (r#"{"message":"m","error":{"code":"ECONNRESET"}}"#, r#"{"code":"ECONNRESET"}"#),
            (r#"{"message":"m","error":{"b": 1.0, "a": 2}}"#, r#"{"a":2,"b":1}"#),
            (r#"{"error_code":504.0}"#, "504"),
            (r#"{"other":"x"}"#, ""),
            (r#"{"message":"a\r\n","error_code":5}"#, "a 5"),
        ];
        for (line, expected) in cases {
            assert_eq!(subject(line, 1000), (expected.to_owned(), false), "{line}");
        }
    }

    #[test]
    fn a_single_value_is_not_copied() {
        let event = JsonEvent::parse(r#"{"message":"as it lies"}"#).unwrap();
        let (fields, levels) = (SubjectFields::default(), LevelNames::default());
        let how = Looking { fields: &fields, levels: &levels, subject_bytes: 100 };
        let subject = Look::at(&event, &how).subject;
        assert!(matches!(subject.text, Cow::Borrowed("as it lies")));
    }

    #[test]
    fn a_long_subject_is_cut_at_a_character() {
        assert_eq!(subject(r#"{"message":"aéb"}"#, 2), ("a".to_owned(), true));
        assert_eq!(subject(r#"{"message":"aéb"}"#, 4), ("aéb".to_owned(), false));
        assert_eq!(subject(r#"{"event":"ab","message":"cd"}"#, 4), ("ab c".to_owned(), true));
        assert_eq!(subject(r#"{"message":"ab","err":"cd"}"#, 4), ("ab c".to_owned(), true));
    }

    #[test]
    fn other_loggers_names_are_tried_where_ours_are_not_there() {
        let cases = [
            (r#"{"msg":"m","Message":"n"}"#, "m"),
            (r#"{"Message":"m"}"#, "m"),
            (r#"{"MESSAGE":[82,101,97,100,13]}"#, "Read"),
            (r#"{"log":"m\n","stream":"stderr"}"#, "m"),
            (r#"{"log":{"level":"info"}}"#, ""),
            (r#"{"short_message":"m","full_message":"mm"}"#, "m"),
            (r#"{"fields":{"message":"m"},"span":{"name":"x"}}"#, "m"),
            (r#"{"@mt":"read {Code}","@x":"x: y"}"#, "read {Code} x: y"),
            (r#"{"RenderedMessage":"m"}"#, "m"),
            (r#"{"textPayload":"m"}"#, "m"),
            (r#"{"jsonPayload":{"message":"m"}}"#, "m"),
            (r#"{"severity_text":"ERROR","body":"m"}"#, "m"),
            (r#"{"body":{"stringValue":"m"}}"#, "m"),
            (r#"{"errorMessage":"m","errorType":"T"}"#, "m"),
            (r#"{"err":{"type":"T","message":"m"}}"#, "T: m"),
            (r#"{"error_code":5,"msg":"m"}"#, "5"),
        ];
        for (line, expected) in cases {
            assert_eq!(subject(line, 1000).0, expected, "{line}");
        }
    }

    #[test]
    fn a_configured_list_is_the_only_one() {
        let fields = SubjectFields::only(vec![vec!["text".into()]]);
        let levels = LevelNames::default();
        let how = Looking { fields: &fields, levels: &levels, subject_bytes: 100 };
        let seen = |line: &str| {
            let event = JsonEvent::parse(line).unwrap();
            let look = Look::at(&event, &how);
            let found = look.subject.is_found();
            (look.subject.text.into_owned(), found)
        };
        assert_eq!(seen(r#"{"text":"t","err":"e"}"#), ("t".to_owned(), true));
        assert_eq!(seen(r#"{"message":"m"}"#), (String::new(), false));
    }

    #[test]
    fn an_exception_follows_what_is_the_events_own() {
        let object = r#"{"message":"e","stack":"s"}"#;
        for (line, own, text) in [
            (r#"{"msg":"m","err":"e"}"#.to_owned(), "m", "m e"),
            (r#"{"message":"m","exception":"T: e\n\tat x"}"#.to_owned(), "m", "m T: e"),
            (format!(r#"{{"message":"m","error":{object}}}"#), object, object),
            (r#"{"message":"read: e","err":"e"}"#.to_owned(), "read: e", "read: e"),
            (r#"{"event":"x","exception":"e"}"#.to_owned(), "x", "x e"),
        ] {
            let subject = look(&line, 1000).subject;
            assert_eq!((subject.own(), &*subject.text), (own, text), "{line}");
        }
    }

    #[test]
    fn what_is_in_a_container_or_in_json_is_read() {
        let plain = "2026-03-14 09:00:00 WARN x";
        let cases = [
            (
                r#"2026-03-14T09:00:00.1Z stdout F {"level":"info","message":"m"}"#,
                "m",
                Some(Level::Info),
            ),
            ("2026-03-14T09:00:00.1Z stderr F ERROR boom", "ERROR boom", Some(Level::Error)),
            (r#"app-1  | {"level":"debug","msg":"m"}"#, "m", Some(Level::Debug)),
            (
                r#"{"log":"{\"level\":\"error\",\"message\":\"m\"}\n","stream":"stdout"}"#,
                "m",
                Some(Level::Error),
            ),
            (
                r#"{"level":"info","message":"{\"level\":\"error\",\"msg\":\"m\"}"}"#,
                "m",
                Some(Level::Error),
            ),
            (
                r#"{"level":"error","message":"{\"level\":\"info\",\"msg\":\"m\"}"}"#,
                "m",
                Some(Level::Info),
            ),
            (r#"{"level":"error","message":"{\"msg\":\"m\"}"}"#, "m", Some(Level::Error)),
            (r#"{"message":"{\"a\":1}"}"#, "", None),
            (r#"{"message":"{\"a\":1}","err":"boom"}"#, r#"{"a":1} boom"#, None),
            (
                r#"{"message":"{\"message\":\"{\\\"level\\\":\\\"info\\\"}\"}"}"#,
                "",
                Some(Level::Info),
            ),
            (r#"{"message":"2026-03-14 09:00:00 WARN x"}"#, plain, Some(Level::Warning)),
            (
                r#"{"level":"error","message":"2026-03-14 09:00:00 WARN x"}"#,
                plain,
                Some(Level::Error),
            ),
            ("\u{1b}[31mERROR\u{1b}[0m x\r", "ERROR x", Some(Level::Error)),
        ];
        for (line, text, level) in cases {
            let look = look(line, 1000);
            assert_eq!((&*look.subject.text, look.level), (text, level), "{line}");
        }
    }

    #[test]
    fn an_own_event_inside_a_text_is_known() {
        let line = r#"{"log":"{\"event\":\"Internal_Alert\",\"name\":\"x\"}"}"#;
        assert!(look(line, 1000).is_own);
        assert!(!look(r#"{"log":"{\"event\":\"x\"}"}"#, 1000).is_own);
    }

    #[test]
    fn what_is_below_the_level_is_not_looked_at() {
        let (fields, levels) = (SubjectFields::default(), LevelNames::default());
        let how = Looking { fields: &fields, levels: &levels, subject_bytes: 100 };
        for (line, seen) in [
            (r#"{"level":"info","message":"x"}"#, false),
            (r#"{"level":"error","message":"x"}"#, true),
            (r#"{"message":"x"}"#, true),
            (r#"{"lvl":"info","message":"x"}"#, false),
            (r#"{"level":"info","message":"{\"level\":\"error\"}"}"#, true),
            ("level=info x", false),
            ("x", true),
        ] {
            let line = LogLine::parse(line);
            assert_eq!(Look::from_level(&line, &how, Level::Warning).is_some(), seen, "{line:?}");
        }
    }

    #[test]
    fn every_event_tells_its_texts() {
        let holds = |line: &str| any_text(&LogLine::parse(line), |text| text.contains("needle"));
        assert!(holds("a needle"));
        assert!(holds(r#"{"error":"x","message":"a needle"}"#));
        assert!(holds(r#"{"message":"x","log":"a needle"}"#));
        assert!(holds(r#"{"message":"x","payload":{"a":"needle"}}"#));
        assert!(holds(r#"{"message":"x","alert":{"a":[{"b":"needle"}]}}"#));
        assert!(holds(r#"{"message":"x","anything":"a needle"}"#));
        assert!(!holds(r#"{"message":"x","needle":"y"}"#));
    }
}
