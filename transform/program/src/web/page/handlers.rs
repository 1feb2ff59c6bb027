//! Which page is where, and its twin in JSON.

use axum::{
    extract::{Path, State},
    http::request::Parts,
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Serialize;
use signatures_engine::GroupId;
use signatures_operations::{
    AnswerError, Desk, ErrorDetail, ErrorsNow, Overview, Reach, SignatureDetail, Silence,
};

use super::{
    super::{
        access::Caller,
        api::{failed, json_of, status_of},
        request::Form,
        site::Site,
    },
    decisions::decisions,
    detail,
    errors::{self, errors},
    layout::{notice, page},
    signatures::signatures,
    silences::silences,
    strip::{process, strip},
    unknown::unknown,
    view::{View, Viewer},
};

/// What is shown, or why not.
type Shown = Result<Response, AnswerError>;

pub(in crate::web) async fn overview(
    caller: Caller,
    State(site): State<Site>,
    parts: Parts,
) -> Response {
    let readiness = site.host.readiness().await;
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, form: Form| {
        let overview = match Overview::of(desk, Timestamp::now()) {
            Ok(overview) => overview,
            // Where nothing is remembered it is still to be seen how the process is.
            Err(AnswerError::Unavailable(reason)) if form == Form::Html => {
                let told = html! { ul.strip { (process(desk.status())) } p.notice { (reason) } };
                return Ok(page(&view("/"), "Status", &told).into_response());
            }
            Err(error) => return Err(error),
        };
        let show = |view: &View| {
            html! {
                (strip(view, &overview.observed, &readiness))
                (errors(view, &overview.now))
                (unknown(view, &overview.unknown))
                (signatures(view, &overview.signatures))
                (silences(view, &overview.silences))
                (decisions(view, &overview.decisions, &overview.audit))
            }
        };
        Ok(in_form(form, &overview, &view("/"), "Errors", show))
    };
    answer(site, caller, parts, make).await
}

/// A part of the page by itself, as htmx fetches it.
pub(in crate::web) async fn part(
    caller: Caller,
    State(site): State<Site>,
    Path(name): Path<String>,
    parts: Parts,
) -> Response {
    let readiness = match &*name {
        "strip" => site.host.readiness().await,
        _ => Ok(None),
    };
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, _: Form| {
        let (now, view) = (Timestamp::now(), view("/"));
        let part = match &*name {
            "strip" => strip(&view, &Overview::observed(desk, now)?, &readiness),
            "errors" => errors(&view, &ErrorsNow::of(desk, now)?),
            "unknown" => unknown(&view, &Overview::unknown(desk, now)?),
            "signatures" => signatures(&view, &Overview::signatures(desk, now)?),
            "silences" => silences(&view, &desk.ledger()?.silences(now)?),
            "decisions" => {
                let (alerts, audit) = Overview::decisions(desk)?;
                decisions(&view, &alerts, &audit)
            }
            _ => return Err(AnswerError::NotFound(format!("there is no part `{name}`"))),
        };
        Ok(Html(part.into_string()).into_response())
    };
    answer(site, caller, parts, make).await
}

pub(in crate::web) async fn error(
    caller: Caller,
    State(site): State<Site>,
    Path(group): Path<String>,
    parts: Parts,
) -> Response {
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, form: Form| {
        let detail = ErrorDetail::of(desk, group_of(&group)?, Timestamp::now())?;
        let view = view(&format!("/errors/{}", detail.error.group));
        let title = detail.error.signature.clone().unwrap_or_else(|| "Unknown error".to_owned());
        Ok(in_form(form, &detail, &view, &title, |view| detail::error(view, &detail)))
    };
    answer(site, caller, parts, make).await
}

/// The samples of an error by themselves.
pub(in crate::web) async fn samples(
    caller: Caller,
    State(site): State<Site>,
    Path(group): Path<String>,
    parts: Parts,
) -> Response {
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, form: Form| {
        let detail = ErrorDetail::of(desk, group_of(&group)?, Timestamp::now())?;
        let view = view("/");
        Ok(match form {
            Form::Json => json_of(&detail.samples),
            _ => Html(errors::samples(&view, &detail.samples).into_string()).into_response(),
        })
    };
    answer(site, caller, parts, make).await
}

pub(in crate::web) async fn signature(
    caller: Caller,
    State(site): State<Site>,
    Path(name): Path<String>,
    parts: Parts,
) -> Response {
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, form: Form| {
        let detail = SignatureDetail::of(desk, &name, Timestamp::now())?;
        let show = |view: &View| detail::signature(view, &detail);
        Ok(in_form(form, &detail, &view("/#signatures"), &name, show))
    };
    answer(site, caller, parts, make).await
}

pub(in crate::web) async fn alert(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let path = parts.uri.path().to_owned();
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, form: Form| {
        let known = desk.ledger()?.alert(&id)?;
        let known =
            known.ok_or_else(|| AnswerError::NotFound(format!("there is no alert `{id}`")))?;
        Ok(in_form(form, &known, &view(&path), "Alert", |view| detail::alert(view, &known)))
    };
    answer(site, caller, parts, make).await
}

/// A silence, and what it hits now.
#[derive(Serialize)]
struct SilenceDetail {
    silence: Silence,
    reach: Reach,
}

pub(in crate::web) async fn silence(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let make = move |desk: &Desk, view: &dyn Fn(&str) -> View, form: Form| {
        let (ledger, now) = (desk.ledger()?, Timestamp::now());
        let known = ledger.silences(now)?;
        let silence = known.into_iter().find(|silence| silence.id.to_string() == id);
        let over = || AnswerError::NotFound(format!("there is no silence `{id}` in force"));
        let silence = silence.ok_or_else(over)?;
        let reach = ledger.reach(&silence.matchers, now)?;
        let detail = SilenceDetail { silence, reach };
        let show = |view: &View| detail::silence(view, &detail.silence, &detail.reach);
        Ok(in_form(form, &detail, &view("/#silences"), &format!("Silence {id}"), show))
    };
    answer(site, caller, parts, make).await
}

fn group_of(text: &str) -> Result<GroupId, AnswerError> {
    text.parse().map_err(|_| AnswerError::NotFound(format!("`{text}` is no group")))
}

/// Looks and makes a page of it; one that cannot be made says why.
async fn answer(
    site: Site,
    caller: Caller,
    parts: Parts,
    make: impl FnOnce(&Desk, &dyn Fn(&str) -> View, Form) -> Shown + Send + 'static,
) -> Response {
    let viewer = Viewer::new(&caller, &site.host.keys());
    let form = Form::wanted(&parts.headers, Form::Html);
    let shown = site.look(move |desk| {
        let view = |path: &str| viewer.clone().view(&desk.timezone, Timestamp::now(), path);
        make(desk, &view, form)
    });
    match (shown.await, form) {
        (Ok(response), _) => response,
        (Err(error), Form::Html) => {
            (status_of(&error), notice("This cannot be shown", &error.to_string(), "/"))
                .into_response()
        }
        (Err(error), _) => failed(status_of(&error), &error.to_string()),
    }
}

fn in_form(
    form: Form,
    value: &impl Serialize,
    view: &View,
    title: &str,
    show: impl FnOnce(&View) -> Markup,
) -> Response {
    match form {
        Form::Html | Form::Text => page(view, title, &show(view)).into_response(),
        Form::Json => json_of(value),
    }
}
