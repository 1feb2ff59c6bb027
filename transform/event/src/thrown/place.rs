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

/// The last part of a path, without line and column and numbers, and without what a
/// bundler makes of its contents.
fn file_name(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    let (stem, ending) = match name.rfind('.') {
        // A name that begins with a dot has no ending.
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    let mut out = String::with_capacity(name.len());
    let (stem, hash) = without_last_hash(stem, ending);
    for (index, part) in stem.split_inclusive(SEPARATORS).enumerate() {
        let (part, separator) = match part.strip_suffix(SEPARATORS) {
            Some(text) => (text, &part[text.len()..]),
            None => (part, ""),
        };
        match is_hash(part, if index == 0 { 6 } else { 4 }) {
            true => out.push('*'),
            false => out.push_str(&without_numbers(part)),
        }
        out.push_str(separator);
    }
    out.push_str(hash);
    // `php5` and `f90` are languages.
    let is_hash = ending.strip_prefix('.').is_some_and(|ending| is_hash(ending, 6));
    out.push_str(if is_hash { ".*" } else { ending });
    out
}

/// What stands between the parts of a file's name.
const SEPARATORS: [char; 3] = ['.', '-', '_'];

/// Some hex digits, so many at least; a word of the letters A to F is none.
fn is_hash(part: &str, least: usize) -> bool {
    part.len() >= least
        && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        && part.bytes().any(|byte| byte.is_ascii_digit())
}

/// The same without the eight characters that Vite and esbuild write before the ending,
/// `index-B-_kx9Qz.js` and `main-K5HZ2QAB.js`, and what stands for them.
fn without_last_hash<'n>(stem: &'n str, ending: &str) -> (&'n str, &'static str) {
    const LENGTH: usize = 8;
    let bundled = matches!(ending, ".js" | ".mjs" | ".cjs" | ".css");
    let Some(start) = stem.len().checked_sub(LENGTH).filter(|start| bundled && *start > 0) else {
        return (stem, "");
    };
    let (before, last) = stem.as_bytes().split_at(start);
    let of_hash = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let has = |test: fn(&u8) -> bool| last.iter().any(test);
    // A word is of one case and has no digit.
    let mixed =
        has(u8::is_ascii_digit) || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    match before.ends_with(b"-") || before.ends_with(b".") {
        true if last.iter().all(of_hash) && mixed => (&stem[..start], "*"),
        _ => (stem, ""),
    }
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
            ("f", "/x/main-3f2a9c.js", "f (main-*.js)"),
            ("f", "/x/chunk-vendors.8d0e.js", "f (chunk-vendors.*.js)"),
            ("f", "/x/main_3f2a9c1b.js", "f (main_*.js)"),
            ("f", "/x/4bd1b696-3f2a9c1b.js", "f (*-*.js)"),
            ("f", "/x/index-B-_kx9Qz.js", "f (index-*.js)"),
            ("f", "/x/index-DhJkqxQx.mjs", "f (index-*.mjs)"),
            ("f", "/x/chunk.K5HZ2QAB.js", "f (chunk.*.js)"),
            ("f", "/x/123.js", "f (#.js)"),
            ("f", "/x/shop-cart-view.js", "f (shop-cart-view.js)"),
            ("f", "/x/user-settings.py", "f (user-settings.py)"),
            ("f", "/x/a-decade.py", "f (a-decade.py)"),
            ("f", "/x/step2.f90", "f (step#.f90)"),
            ("f", "/x/é-éééé.js", "f (é-éééé.js)"),
            ("f", "/x/.eslintrc", "f (.eslintrc)"),
        ] {
            assert_eq!(frame(function, path).to_string(), expected);
        }
    }
}
