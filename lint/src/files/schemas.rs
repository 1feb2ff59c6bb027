//! The schemas of settings, as `sigcheck schema` prints them.

/// Of alerts.yml.
pub(crate) const ALERTS_SCHEMA: &str = include_str!("../../schemas/alerts.schema.json");

/// Of relay.yml.
pub(crate) const RELAY_SCHEMA: &str = include_str!("../../schemas/relay.schema.json");
