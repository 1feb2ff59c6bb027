//! Texts of logs and patterns, as messages quote them.

/// A text as it is quoted in a message: not too long, and in one line.
pub(super) fn excerpt(text: &str) -> String {
    let line: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    // Quotes need no escape where backquotes enclose the text.
    let line = line.replace("\\'", "'").replace("\\\"", "\"").replace("\\\\", "\\");
    if text.chars().nth(80).is_some() { format!("{line}…") } else { line }
}
