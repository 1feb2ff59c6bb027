//! What alerts.yml and the environment come to in this program.

use signatures_configuration::{Contents, Texts, usable};
use signatures_delivery::{Config, Settings};
use signatures_document::Unusable;

use crate::delivery_args::SinkArgs;

/// What alerts.yml and the environment come to.
#[derive(Debug)]
pub(crate) struct AlertSettings {
    pub(crate) engine: signatures_engine::Settings,
    pub(crate) alerts: signatures_alerts::Settings,
    /// The sinks with their secrets looked up, and which alerts go to which.
    pub(crate) delivery: Config,
}

/// What this program goes by.
pub(crate) type Configuration = signatures_configuration::Configuration<AlertSettings>;

/// The one in force.
pub(crate) type Current = signatures_configuration::Current<AlertSettings>;

/// Somebody's hold on that.
pub(crate) type Handle = signatures_configuration::Handle<AlertSettings>;

/// Compiles both files. Secrets and sinks may be in the environment, or in flags
/// that stand over it, or in files, of which note is taken.
pub(crate) fn compile(
    texts: &Texts,
    beside: &mut Contents,
    environment: &SinkArgs,
) -> Result<Configuration, Unusable> {
    let variable = |name: &str| environment.variable(name);
    Configuration::compile(texts, |source| {
        let settings = usable(Settings::read(source), source)?;
        let noted = settings.files(&variable).into_iter().map(|path| beside.note(&path));
        let unreadable: Vec<_> = noted.filter_map(Result::err).collect();
        if !unreadable.is_empty() {
            return Err(Unusable { errors: unreadable.iter().map(ToString::to_string).collect() });
        }
        let delivery = Config::resolve(&settings, source, &variable)?;
        let Settings { engine, alerts, .. } = settings;
        Ok((engine.classifier.clone(), AlertSettings { engine, alerts, delivery }))
    })
}
