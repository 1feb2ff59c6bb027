//! What commands go by: the taxonomy, and of the alert settings what needs no secret.

use std::sync::Arc;

use signatures_command_line::RulesArgs;
use signatures_configuration::{Configuration, Contents, Reload, Texts, usable};
use signatures_delivery::Settings;
use signatures_document::Unusable;

use crate::command_error::CommandError;

/// What commands go by.
pub(crate) type Rules = Configuration<Settings>;

/// Reads the files that were named, or else the defaults.
pub(crate) fn read(args: &RulesArgs) -> Result<Arc<Rules>, CommandError> {
    let compile = |texts: &Texts, _: &mut Contents| -> Result<Rules, Unusable> {
        Configuration::compile(texts, |source| {
            let settings = usable(Settings::read(source), source)?;
            Ok((settings.engine.classifier.clone(), settings))
        })
    };
    Ok(Reload::open(args.files(), compile)?.current().get())
}
