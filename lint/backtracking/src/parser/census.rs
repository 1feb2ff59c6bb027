//! The groups of a pattern, counted ahead of the parse.

use std::collections::HashMap;

/// How many groups of a pattern capture, and their names, ahead of the parse.
pub(super) fn groups_of(text: &str) -> (u32, HashMap<String, u32>) {
    let mut names = HashMap::new();
    let mut total = 0;
    let mut in_class = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = rest.chars().next().map_or("", |c| &rest[c.len_utf8()..]),
            '[' if !in_class => {
                in_class = true;
                rest = rest.strip_prefix('^').unwrap_or(rest);
                rest = rest.strip_prefix(']').unwrap_or(rest);
            }
            ']' => in_class = false,
            '(' if !in_class => {
                let named = ["?P<", "?<", "?'"].iter().find_map(|p| rest.strip_prefix(p));
                match named {
                    Some(after) if !after.starts_with(['=', '!']) => {
                        total += 1;
                        let name = after.split(['>', '\'']).next().unwrap_or_default();
                        names.insert(name.to_owned(), total);
                    }
                    _ if rest.starts_with('?') => {}
                    _ => total += 1,
                }
            }
            _ => {}
        }
    }
    (total, names)
}
