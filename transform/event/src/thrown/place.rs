//! Places in code, as traces write them.

use super::exception::Frame;

/// A frame by its function and the path of its file, with a line behind it or not.
pub(super) fn frame(function: &str, path: &str) -> Frame {
    Frame { function: without_numbers(function.trim()), file: file_name(path) }
}

/// The class and the method, without the package or the namespaces before them.
pub(super) fn class_and_method(function: &str) -> &str {
    let start = function.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    &function[start..]
}

/// The last part of a path, without line and column, and without what a bundler
/// makes of its contents.
fn file_name(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    let parts = name.split('.').map(|part| if is_hash(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join(".")
}

fn is_hash(part: &str) -> bool {
    part.len() >= 6
        && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        && part.bytes().any(|byte| byte.is_ascii_digit())
}

/// Numbers in a name are a compiler's: `lambda$total$0`, `{closure#2}`.
fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut in_number = false;
    for character in name.chars() {
        let digit = character.is_ascii_digit();
        if !(digit && in_number) {
            out.push(if digit { '#' } else { character });
        }
        in_number = digit;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_no_path_line_or_number() {
        for (function, path, expected) in [
            ("total", "/srv/build-77/cart.py", "total (cart.py)"),
            ("Cart.lambda$total$12", "Cart.java:10", "Cart.lambda$total$# (Cart.java)"),
            ("render", "https://x.io/static/main.3f2a9c1b.js:1:2345", "render (main.*.js)"),
            ("", "https://x.io/cart.js?v=17#a:14:22", "cart.js"),
            ("", r"C:\src\Shop.cs:line 12", "Shop.cs"),
            ("main.run", "", "main.run"),
        ] {
            assert_eq!(frame(function, path).to_string(), expected);
        }
    }
}
