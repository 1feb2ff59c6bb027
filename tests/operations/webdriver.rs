//! A browser, driven as WebDriver has it (<https://www.w3.org/TR/webdriver2/>): plain JSON
//! over HTTP, which needs no client of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Where no browser is, tests of it are left out, unless this is set, as CI does.
const REQUIRED: &str = "BROWSER_REQUIRED";

/// What a page may take to change.
const PATIENCE: Duration = Duration::from_secs(60);

/// The key that stands for an element, by the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Debian's chromedriver, and one browser. Both end when dropped.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

/// What a browser is to be like.
#[derive(Clone, Copy, Default)]
pub(crate) struct Taste {
    pub(crate) without_scripts: bool,
    pub(crate) dark: bool,
}

impl Browser {
    /// A browser; none where there is none to be had, which is said.
    pub(crate) fn start(taste: Taste) -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = driver else {
            assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set: no chromedriver");
            eprintln!("no chromedriver here (apt-get install chromium-driver): left out");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "chromedriver says no port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim().trim_end_matches('.').parse().unwrap();
            }
        };
        // What it says later is read, and of no use.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let mut browser = Self { driver, port, session: String::new() };
        let scheme = if taste.dark { 0 } else { 1 };
        let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
        let args = [
            "--headless=new",
            // CI runs as root, where there is none.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            &scheme,
        ];
        let scripts = if taste.without_scripts { 2 } else { 1 };
        let options = json!({
            "args": args,
            "prefs": { "profile.managed_default_content_settings.javascript": scripts },
        });
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let session =
            browser.send("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        Some(browser)
    }

    pub(crate) fn open(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// Waits until the page has something by that selector of CSS.
    pub(crate) fn find(&self, selector: &str) -> String {
        let start = Instant::now();
        loop {
            let found = self.all(selector);
            if let Some(element) = found.into_iter().next() {
                return element;
            }
            let source = || self.ask("GET", "/source", &Value::Null);
            assert!(start.elapsed() < PATIENCE, "no `{selector}` in {}", source());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn all(&self, selector: &str) -> Vec<String> {
        let found =
            self.ask("POST", "/elements", &json!({ "using": "css selector", "value": selector }));
        let found = found.as_array().unwrap().iter();
        found.map(|element| element[ELEMENT].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn click(&self, selector: &str) {
        self.act(selector, "click", &json!({}));
    }

    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        self.act(selector, "value", &json!({ "text": text }));
    }

    /// Does something to what is at a selector, which another page or a part that is
    /// refreshed may take the place of meanwhile.
    fn act(&self, selector: &str, what: &str, body: &Value) {
        let start = Instant::now();
        loop {
            let path = format!("/element/{}/{what}", self.find(selector));
            match self.try_ask("POST", &path, body) {
                Ok(_) => return,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{what} {selector}: {error}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until what is at a selector shows all of these texts, and returns its own.
    pub(crate) fn shows(&self, selector: &str, texts: &[&str]) -> String {
        let start = Instant::now();
        loop {
            let path = format!("/element/{}/text", self.find(selector));
            let found = self.try_ask("GET", &path, &Value::Null);
            let text = found.as_ref().ok().and_then(Value::as_str).unwrap_or_default();
            if found.is_ok() && texts.iter().all(|part| text.contains(part)) {
                return text.to_owned();
            }
            assert!(start.elapsed() < PATIENCE, "{selector}: {texts:?}, not {found:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The role and the name by which a screen reader knows something.
    pub(crate) fn spoken(&self, selector: &str) -> (String, String) {
        let element = self.find(selector);
        let of = |what: &str| {
            let said = self.ask("GET", &format!("/element/{element}/{what}"), &Value::Null);
            said.as_str().unwrap_or_default().to_owned()
        };
        (of("computedrole"), of("computedlabel"))
    }

    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.ask("POST", "/window/rect", &json!({ "width": width, "height": height }));
    }

    /// The result of a script of the driver's own.
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What the browser complained of: refused scripts, broken files.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let bad = log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        bad.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.send(method, &format!("/session/{}{path}", self.session), body)
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        self.try_send(method, &format!("/session/{}{path}", self.session), body)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.try_send(method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {path} {body}: {error}"))
    }

    fn try_send(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        match answer["value"]["error"].is_null() {
            true => Ok(answer["value"].clone()),
            false => Err(answer),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
