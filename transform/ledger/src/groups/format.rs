//! How the state of a group is written, and what earlier versions wrote.
//!
//! A field that is added to a group, renamed or taken away is a new format: add
//! to [`MIGRATIONS`] what makes it of the one before, or every cooldown is
//! forgotten by the update. `tests/state/` has what each format looked like.

use serde_json::{Map, Value};
use signatures_engine::aggregate::GroupState;

/// The format that states of groups are written in.
pub const FORMAT: u32 = 1 + MIGRATIONS.len() as u32;

/// Makes a state of one format one of the next.
type Migration = fn(&mut Map<String, Value>);

/// The n-th, from 1, makes format n + 1 of format n.
const MIGRATIONS: [Migration; 1] = [
    // The time of the last alert, by which a cooldown of another length reaches a
    // running one. Where it is not known the end of the cooldown stands.
    |state| {
        state.entry("alerted_at").or_insert(Value::Null);
    },
];

/// Reads a state in the format that it is said to have, or tells why not.
pub(crate) fn read(format: u32, json: &str) -> Result<GroupState, String> {
    let reason = |error: serde_json::Error| error.to_string();
    if format == FORMAT {
        return serde_json::from_str(json).map_err(reason);
    }
    let mut state = serde_json::from_str(json).map_err(reason)?;
    migrate(&mut state, format, &MIGRATIONS)?;
    serde_json::from_value(Value::Object(state)).map_err(reason)
}

fn migrate(
    state: &mut Map<String, Value>,
    format: u32,
    migrations: &[Migration],
) -> Result<(), String> {
    let done = usize::try_from(format).ok().and_then(|format| format.checked_sub(1));
    let to_do = done.and_then(|done| migrations.get(done..));
    let newest = migrations.len() + 1;
    let to_do = to_do.ok_or(format!("it is of format {format}, and known are 1 to {newest}"))?;
    to_do.iter().for_each(|migration| migration(state));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_earlier_format_goes_through_every_later_one() {
        let migrations: [Migration; 2] = [
            |state| {
                let seen = state.remove("seen").unwrap_or_default();
                state.insert("last_seen".into(), seen);
            },
            |state| {
                state.insert("hosts".into(), json!([]));
            },
        ];
        let migrated = |format| {
            let mut state = Map::from_iter([("seen".to_owned(), json!(7))]);
            migrate(&mut state, format, &migrations).map(|()| Value::Object(state))
        };
        assert_eq!(migrated(1), Ok(json!({"last_seen": 7, "hosts": []})));
        assert_eq!(migrated(2), Ok(json!({"seen": 7, "hosts": []})));
        assert_eq!(migrated(3), Ok(json!({"seen": 7})));
        for format in [0, 4, u32::MAX] {
            assert_eq!(
                migrated(format),
                Err(format!("it is of format {format}, and known are 1 to 3"))
            );
        }
    }
}
