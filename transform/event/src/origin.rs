//! Where an event comes from.

use std::borrow::Cow;

use signatures_document::{
    Reader,
    yaml::{Node, NodeKind},
};

use crate::{event::Event, json_inside::ask_inside, names::Names, subject::FIELD_NAMES};

/// The fields that may name the host, in the order in which they are asked.
pub const HOST_FIELDS: [&str; 24] = [
    "host",
    "hostname",
    // ECS, OpenTelemetry.
    "host.name",
    "host.hostname",
    "resources.host.name",
    "resource.host.name",
    "resource.attributes.host.name",
    "attributes.host.name",
    // Kubernetes: the node.
    "resources.k8s.node.name",
    "kubernetes.pod_node_name",
    "kubernetes.node_name",
    "kubernetes.node.name",
    "kubernetes.host",
    // journald, syslog.
    "_HOSTNAME",
    "syslog.hostname",
    "Hostname",
    "HOSTNAME",
    "host_name",
    // Windows, .NET, agents.
    "winlog.computer_name",
    "Computer",
    "computer_name",
    "MachineName",
    "agent.hostname",
    "agent.name",
];

/// The fields that may name the service, in the order in which they are asked.
/// Never a pod, an instance or a host, of which there are many for one service.
pub const SERVICE_FIELDS: [&str; 34] = [
    "service",
    // ECS, OpenTelemetry.
    "service.name",
    "service_name",
    "resources.service.name",
    "resource.service.name",
    "resource.attributes.service.name",
    "attributes.service.name",
    // Kubernetes.
    "kubernetes.pod_labels.app.kubernetes.io/name",
    "kubernetes.pod_labels.app",
    "kubernetes.pod_labels.k8s-app",
    "kubernetes.labels.app.kubernetes.io/name",
    "kubernetes.labels.app",
    "kubernetes.labels.k8s-app",
    "resources.k8s.deployment.name",
    "kubernetes.container_name",
    "kubernetes.container.name",
    "resources.k8s.container.name",
    // Compose and docker.
    "label.com.docker.compose.service",
    "container_name",
    "container.name",
    "docker.container.name",
    "CONTAINER_NAME",
    // syslog, journald, fluentd.
    "appname",
    "app_name",
    "syslog.appname",
    "programname",
    "_SYSTEMD_UNIT",
    "SYSLOG_IDENTIFIER",
    "ident",
    // Applications.
    "app",
    "application",
    "Application",
    "app.name",
    "serviceContext.service",
];

const HOST_NAMES: Names = Names::of(&[&HOST_FIELDS]);
const SERVICE_NAMES: Names = Names::of(&[&SERVICE_FIELDS]);

/// Which fields name the host and the service of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginFields {
    /// In place of [`HOST_FIELDS`].
    pub host: Option<Vec<String>>,
    /// In place of [`SERVICE_FIELDS`].
    pub service: Option<Vec<String>>,
}

impl OriginFields {
    /// Reads a list of names.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Vec<String>> {
        match &node.kind {
            NodeKind::Sequence(items) if !items.is_empty() => Some(reader.texts(key, node)),
            _ => reader.expected(key, FIELD_NAMES, node),
        }
    }

    /// The host that an event names, or else the event that lies in it as JSON.
    #[must_use]
    pub fn host_of<'a>(&self, event: &'a impl Event) -> Option<Cow<'a, str>> {
        first_or_inside(event, self.host.as_deref(), &HOST_FIELDS, &HOST_NAMES)
    }

    /// The service that an event names, or else the event that lies in it as JSON.
    #[must_use]
    pub fn service_of<'a>(&self, event: &'a impl Event) -> Option<Cow<'a, str>> {
        first_or_inside(event, self.service.as_deref(), &SERVICE_FIELDS, &SERVICE_NAMES)
    }
}

/// What the first says of the fields that are asked for, or else of those that are
/// known.
fn first_or_inside<'a>(
    event: &'a impl Event,
    asked: Option<&[String]>,
    fields: &[&str],
    names: &Names,
) -> Option<Cow<'a, str>> {
    first(event, asked, fields, names).or_else(|| {
        let inside =
            ask_inside(event, |inside| Some(first(inside, asked, fields, names)?.into_owned()));
        inside.map(Cow::Owned)
    })
}

fn first<'a>(
    event: &'a impl Event,
    asked: Option<&[String]>,
    fields: &[&str],
    names: &Names,
) -> Option<Cow<'a, str>> {
    match asked {
        Some(asked) => first_text(event, asked),
        None => known(event, fields, names),
    }
}

fn known<'a>(event: &'a impl Event, fields: &[&str], names: &Names) -> Option<Cow<'a, str>> {
    if event.as_text().is_some() {
        return None;
    }
    // Most events have the first or none.
    first_text(event, &fields[..1])
        .or_else(|| names.may_be_in(event).then(|| first_text(event, &fields[1..])).flatten())
}

fn first_text<'a>(event: &'a impl Event, names: &[impl AsRef<str>]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| {
        let text = event.get(name.as_ref())?.into_scalar_text()?;
        (!text.trim_ascii().is_empty()).then_some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json::JsonEvent, line::LogLine};

    #[test]
    fn host_and_service_are_found_wherever_shippers_put_them() {
        let cases = [
            (r#"{"host":"h","service":"s"}"#, Some("h"), Some("s")),
            (r#"{"hostname":"h","service":{"name":"s"}}"#, Some("h"), Some("s")),
            (r#"{"host":{"name":"h"},"service.name":"s"}"#, Some("h"), Some("s")),
            (r#"{"resources":{"service.name":"s","host.name":"h"}}"#, Some("h"), Some("s")),
            (r#"{"appname":"s","hostname":"h"}"#, Some("h"), Some("s")),
            (
                r#"{"kubernetes":{"pod_labels":{"app.kubernetes.io/name":"s","app":"a"},"pod_node_name":"h","container_name":"c"}}"#,
                Some("h"),
                Some("s"),
            ),
            (r#"{"kubernetes":{"pod_labels":{"app":"s"},"pod_name":"p"}}"#, None, Some("s")),
            (r#"{"kubernetes":{"container_name":"s","pod_name":"p"}}"#, None, Some("s")),
            (r#"{"container_name":"s","host":"h"}"#, Some("h"), Some("s")),
            (
                r#"{"label":{"com.docker.compose.service":"s"},"container_name":"c"}"#,
                None,
                Some("s"),
            ),
            (
                r#"{"_HOSTNAME":"h","_SYSTEMD_UNIT":"s","SYSLOG_IDENTIFIER":"i"}"#,
                Some("h"),
                Some("s"),
            ),
            (r#"{"_HOSTNAME":"h","SYSLOG_IDENTIFIER":"kernel"}"#, Some("h"), Some("kernel")),
            (r#"{"service":"","app":"s","message":"m"}"#, None, Some("s")),
            (r#"{"message":"m","pod":"p"}"#, None, None),
        ];
        for (line, host, service) in cases {
            let event = JsonEvent::parse(line).unwrap();
            let fields = OriginFields::default();
            let found = (fields.host_of(&event), fields.service_of(&event));
            assert_eq!((found.0.as_deref(), found.1.as_deref()), (host, service), "{line}");
        }
    }

    #[test]
    fn json_in_a_wrapper_is_asked_where_the_wrapper_says_nothing() {
        let inside = r#"{"service":"s","hostname":"h","msg":"m"}"#;
        let docker = |text: &str| serde_json::json!({"log": text, "stream": "stderr"}).to_string();
        let cri = format!("2026-03-14T09:00:00.1Z stderr F {inside}");
        for line in [
            cri.clone(),
            format!("2026-03-14T09:00:00.1Z stderr F {}", docker(inside)),
            format!("api-1  | {inside}"),
            docker(&format!("{inside}\n")),
            docker(&cri),
            serde_json::json!({"MESSAGE": inside}).to_string(),
        ] {
            let event = LogLine::parse(&line);
            let fields = OriginFields::default();
            let found = (fields.host_of(&event), fields.service_of(&event));
            assert_eq!((found.0.as_deref(), found.1.as_deref()), (Some("h"), Some("s")), "{line}");
        }
        let beside = serde_json::json!({"message": inside, "kubernetes": {"container_name": "c"}});
        let (line, fields) = (beside.to_string(), OriginFields::default());
        assert_eq!(fields.service_of(&LogLine::parse(&line)).as_deref(), Some("c"));
        let asked = OriginFields { service: Some(vec!["msg".into()]), ..OriginFields::default() };
        assert_eq!(asked.service_of(&LogLine::parse(&cri)).as_deref(), Some("m"));
        let prose = LogLine::parse("api-1  | service: s");
        assert_eq!(fields.service_of(&prose), None);
    }

    #[test]
    fn the_lists_may_be_others() {
        let fields = OriginFields {
            host: Some(vec!["node".into()]),
            service: Some(vec!["team.service".into()]),
        };
        let event = JsonEvent::parse(r#"{"node":"h","host":"x","team":{"service":"s"}}"#).unwrap();
        assert_eq!(fields.host_of(&event).as_deref(), Some("h"));
        assert_eq!(fields.service_of(&event).as_deref(), Some("s"));
    }
}
