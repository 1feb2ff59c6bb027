//! What every page has around it.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::view::View;

/// htmx writes no style and evaluates nothing: the policy of the page forbids both.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyEnabled":false}"#;

/// A page.
pub(super) fn page(view: &View, title: &str, body: &Markup) -> Html<String> {
    document(
        title,
        &html! {
            header.site {
                h1 { a href="/" { "vector-signatures" } }
                nav aria-label="Parts of the page" { ul {
                    @for (id, name) in [
                        ("errors", "Errors"), ("unknown", "Unknown"), ("signatures", "Signatures"),
                        ("silences", "Silences"), ("decisions", "Decisions"),
                    ] {
                        li { a href=(format!("/#{id}")) { (name) } }
                    }
                } }
                div.end { (who(view)) }
            }
            main #main { (body) }
        },
    )
}

fn who(view: &View) -> Markup {
    html! {
        @if let Some(name) = &view.operator { span { (name) } }
        @if view.is_logged_in {
            form method="post" action="/logout" { button type="submit" { "Log out" } }
        } @else if view.operator.is_none() && view.has_operators {
            a href=(format!("/login?next={}", super::pieces::in_path(&view.path))) { "Log in to act" }
        }
    }
}

fn document(title: &str, body: &Markup) -> Html<String> {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX);
                title { (title) " – vector-signatures" }
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/htmx-2.0.11.min.js" defer {}
                script src="/assets/page.js" defer {}
            }
            body {
                a.skip href="#main" { "To the content" }
                (body)
            }
        }
    };
    Html(document.into_string())
}

/// The form of a login, and why the last try was none.
pub(in crate::web) fn login(
    next: &str,
    refused: Option<&str>,
    has_operators: bool,
) -> Html<String> {
    document(
        "Log in",
        &html! {
            main.login #main {
                h1 { "vector-signatures" }
                @if let Some(reason) = refused { p.notice role="alert" { (reason) } }
                form.own method="post" action="/login" {
                    input type="hidden" name="next" value=(next);
                    label { "Token" input type="password" name="token" required autofocus autocomplete="current-password"; }
                    button type="submit" { "Log in" }
                }
                @if has_operators {
                    p.quiet { "Your own token of " code { "write_tokens_file" } " lets you act as well." }
                }
            }
        },
    )
}

/// That something is not done, and why.
pub(in crate::web) fn notice(title: &str, reason: &str, back: &str) -> Html<String> {
    document(
        title,
        &html! {
            main #main {
                h1 { (title) }
                p.notice role="alert" { (signatures_alerts::legible::lines(reason)) }
                p { a href=(back) { "Back" } }
            }
        },
    )
}
