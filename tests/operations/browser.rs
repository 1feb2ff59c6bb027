//! The page in a real browser: Debian's chromium, with scripts and without.

use crate::{
    program::{DANA, Program},
    webdriver::{Browser, Taste},
};

const UNKNOWN: &str = r#"{"level":"error","message":"<script>alert(1)</script> pool (main) exhausted \u001b[31m\u202eafter 30s","service":"<b>x</b>"}"#;

fn program() -> Program {
    Program::over(&["Out of memory", "ECONNRESET", UNKNOWN, UNKNOWN])
}

fn log_in(browser: &Browser, program: &Program) {
    browser.open(&format!("http://{}/", program.address));
    browser.type_into("input[name=token]", DANA);
    browser.click("form.own button");
    browser.shows("header .end span", &["dana"]);
    // That a token was needed is one, too.
    browser.complaints();
}

/// Logs in, silences, sees it, undoes it; and writes a signature for an unknown error.
fn work(browser: &Browser, program: &Program) {
    log_in(browser, program);
    browser.click("#silences summary");
    browser.type_into("#silences input[name=matchers]", "signature=NET_*");
    browser.type_into("#silences input[name=duration]", "1h");
    browser.type_into("#silences input[name=reason]", "a deploy");
    browser.click("#silences form.own button");
    // One of two signatures, and so not too many.
    browser.shows("tbody tr", &["signature=NET_*", "dana", "a deploy"]);
    browser.click("form[action='/do/unsilence'] button");
    browser.shows("#silences p", &["None in force."]);

    browser.click("#unknown tbody tr td:last-child a");
    browser.shows("#proposal", &["pattern: ", "pool"]);
    browser.shows("#signature p.good", &["It matches all samples."]);
}

#[test]
fn somebody_on_call_does_all_of_it_with_scripts_and_without() {
    for without_scripts in [false, true] {
        let taste = Taste { without_scripts, ..Taste::default() };
        let Some(browser) = Browser::start(taste) else { return };
        work(&browser, &program());
        assert_eq!(browser.complaints(), <[&str; 0]>::default());
    }
}

#[test]
fn what_a_log_says_is_shown_and_does_nothing() {
    let Some(browser) = Browser::start(Taste::default()) else { return };
    let program = program();
    log_in(&browser, &program);
    let text = browser.shows("#unknown tbody", &["<script>alert(#)</script> pool (main)"]);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    for script in ["script:not([src])", "b", "img"] {
        assert_eq!(browser.all(script), <[&str; 0]>::default(), "{script}");
    }
    assert_eq!(browser.complaints(), <[&str; 0]>::default());
}

#[test]
fn the_page_fits_a_phone_and_can_be_heard() {
    let Some(browser) = Browser::start(Taste { dark: true, ..Taste::default() }) else { return };
    let program = program();
    log_in(&browser, &program);
    for width in [390, 820, 1400] {
        browser.resize(width, 1000);
        let fits = browser.evaluate("return document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(fits, true, "{width}");
    }
    let role = |selector: &str| browser.spoken(selector);
    assert_eq!(role("#errors"), ("region".to_owned(), "Errors".to_owned()));
    assert_eq!(role("nav"), ("navigation".to_owned(), "Parts of the page".to_owned()));
    let (kind, name) = role("#unknown table");
    assert_eq!((&*kind, &*name), ("table", "Of 24 hours, busiest first"));
    assert_eq!(role("#unknown th[aria-sort]").0, "columnheader");
    // Whoever has no mouse comes to the content first.
    let first = browser.evaluate("return document.querySelector('a').textContent");
    assert_eq!(first, "To the content");
}
