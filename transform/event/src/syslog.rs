//! What journald and syslog's daemons write before a line of a process, where the number
//! of that tells whose it is, or before the kernel's.
//!
//! - journald, and syslog of old (RFC 3164): `Mar 14 09:00:00 web-1 app[811]: line`, with
//!   a priority before it or not: `<14>Mar 14 …`. The time may be in the newer form.
//! - RFC 5424: `<14>1 2026-03-14T09:00:00.003Z web-1 app 811 - - line`.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::wrapper::Wrapped;

/// How long a name in a header may be, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// What rsyslog writes for a tab and for a line end.
const TAB: &[u8] = b"#011";
const LINE_END: &[u8] = b"#012";

/// The line of a process, and whose it is.
#[inline]
pub(crate) fn logged(line: &[u8]) -> Option<Wrapped<'_>> {
    match line.first()? {
        b'<' => match after_priority(line)? {
            [b'1', b' ', rest @ ..] => structured(rest),
            rest => of_old(rest),
        },
        _ => of_old(line),
    }
}

/// The same without the header, and as it was before a daemon escaped it.
pub(crate) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memmem::find(text, &TAB[..3]).is_none() {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let escaped = match rest {
            _ if rest.starts_with(TAB) => b'\t',
            _ if rest.starts_with(LINE_END) => b'\n',
            _ => {
                out.push(*first);
                rest = behind;
                continue;
            }
        };
        out.push(escaped);
        rest = &rest[TAB.len()..];
    }
    out.into()
}

/// What stands behind `<14>`.
fn after_priority(line: &[u8]) -> Option<&[u8]> {
    let end = memchr(b'>', &line[..line.len().min(5)])?;
    let digits = &line[1..end];
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then_some(&line[end + 1..])
}

#[inline]
fn of_old(line: &[u8]) -> Option<Wrapped<'_>> {
    let after = match line {
        [b'A'..=b'Z', _, _, b' ', _, b'0'..=b'9', b' ', _, _, b':', _, _, b':', ..] => {
            line.get(15..)?
        }
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', ..] => {
            line.get(19..)?
        }
        _ => return None,
    };
    // A fraction of the second, and a zone.
    let of_time =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'+' | b'-' | b'Z');
    let time = after.iter().take_while(|byte| of_time(byte)).count();
    let rest = after[time..].strip_prefix(b" ")?;
    let host = name(rest)?;
    let end = host + 1 + name(&rest[host + 1..]).unwrap_or(rest.len() - host - 1);
    let text = rest.get(end + 1..).unwrap_or_default();
    // The kernel has no number, and is there once.
    if &rest[host + 1..end] == b"kernel:" {
        return Some(Wrapped { stream: &rest[..end - 1], text });
    }
    let process = rest[..end].strip_suffix(b"]:")?;
    let digits = process.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name = process[..process.len() - digits].strip_suffix(b"[")?;
    (digits > 0 && name.len() > host + 1).then_some(Wrapped { stream: &rest[..end - 1], text })
}

/// What stands behind the version: time, host, name, number, kind of message, data.
fn structured(rest: &[u8]) -> Option<Wrapped<'_>> {
    let process = &rest[name(rest)? + 1..];
    let host = name(process)?;
    let app = host + 1 + name(&process[host + 1..])?;
    let number = app + 1 + name(&process[app + 1..])?;
    let kind = number + 1 + name(&process[number + 1..])?;
    // Of a daemon without a name nothing tells the lines apart.
    if &process[host + 1..app] == b"-" {
        return None;
    }
    let data = &process[kind + 1..];
    let text = data.strip_prefix(b"-").or_else(|| after_data(data))?;
    let text = text.strip_prefix(b" ").or(text.is_empty().then_some(text))?;
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    Some(Wrapped { stream: &process[..number], text })
}

/// What stands behind elements like `[id name="value"]`.
fn after_data(data: &[u8]) -> Option<&[u8]> {
    let mut is_quoted = false;
    let mut at = 0;
    data.starts_with(b"[").then_some(())?;
    loop {
        match data.get(at)? {
            b'\\' if is_quoted => at += 1,
            b'"' => is_quoted = !is_quoted,
            b']' if !is_quoted && data.get(at + 1) != Some(&b'[') => return Some(&data[at + 1..]),
            _ => {}
        }
        at += 1;
    }
}

/// Where the name ends that a text begins with: before a blank.
#[inline]
fn name(text: &[u8]) -> Option<usize> {
    memchr(b' ', &text[..text.len().min(MAX_NAME_BYTES)]).filter(|end| *end > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ends_within_its_time_is_none() {
        for line in ["Nov 20 03:00:00 ", "2026-11-20T03:00:00"] {
            for end in 0..=line.len() {
                assert!(of_old(&line.as_bytes()[..end]).is_none(), "{line} {end}");
            }
        }
    }

    #[test]
    fn a_process_is_told_by_its_name_and_number() {
        let cases = [
            ("Mar 14 09:00:00 web-1 app[811]:   boom", Some(("web-1 app[811]", "  boom"))),
            ("Mar  4 09:00:00.123456 web-1 app[811]:", Some(("web-1 app[811]", ""))),
            ("2026-03-14T09:00:00+0100 web-1 app[811]: boom", Some(("web-1 app[811]", "boom"))),
            (
                "2026-03-14T09:00:00.123456+01:00 web-1 a(b)[811]: boom",
                Some(("web-1 a(b)[811]", "boom")),
            ),
            ("Mar 14 09:00:00 web-1 kernel:  boom", Some(("web-1 kernel", " boom"))),
            ("Mar 14 09:00:00 web-1 app[x]: boom", None),
            ("2026-03-14T09:00:00Z INFO [811]: boom", None),
            ("May 11 ways to fail", None),
            ("<14>Mar 14 09:00:00 web-1 app[811]: boom", Some(("web-1 app[811]", "boom"))),
            (
                "<165>1 2026-03-14T09:00:00.003Z web-1 app 811 - - boom",
                Some(("web-1 app 811", "boom")),
            ),
            (
                r#"<165>1 - web-1 app 811 ID47 [a@1 b="x] \"y\" z"][c@1]   boom"#,
                Some(("web-1 app 811", "  boom")),
            ),
            (
                "<165>1 2026-03-14T09:00:00Z web-1 app - - - \u{feff}boom",
                Some(("web-1 app -", "boom")),
            ),
            ("<165>1 2026-03-14T09:00:00Z web-1 app 811 - -", Some(("web-1 app 811", ""))),
            ("<165>1 2026-03-14T09:00:00Z web-1 - - - - boom", None),
            ("<165>1 2026-03-14T09:00:00Z web-1 app 811 - [a b=\"", None),
            ("<div>1 a b c d e f", None),
            ("<1>", None),
        ];
        for (line, expected) in cases {
            let text = |bytes| str::from_utf8(bytes).unwrap();
            let found = logged(line.as_bytes()).map(|found| (text(found.stream), text(found.text)));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn what_a_daemon_escaped_is_as_it_was() {
        for (text, expected) in [
            ("#011at a.B", "\tat a.B"),
            ("x#012#011at a.B#012y", "x\n\tat a.B\ny"),
            ("order #01 of #013", "order #01 of #013"),
        ] {
            assert_eq!(&*unescaped(text.as_bytes()), expected.as_bytes());
        }
    }
}
