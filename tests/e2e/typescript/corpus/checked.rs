//! The types with their values: what Rust reads of each, and what it refuses.

use devtools_runtime::{DevTools, DevToolsBuilder, define_rpc_function};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The texts of one type.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) written: Vec<String>,
    /// Texts, and whether Rust reads them.
    pub(super) read: Vec<(&'static str, bool)>,
}

/// The types with their values, and what Rust is to read and to refuse.
#[derive(Default)]
pub(super) struct Corpus {
    pub(super) cases: Vec<Case>,
    pub(super) builder: Option<DevToolsBuilder>,
}

impl Corpus {
    /// A type whose values are read as they are written.
    pub(super) fn of<T>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
        refused: &[&'static str],
    ) where
        T: Serialize + DeserializeOwned + JsonSchema + Send + 'static,
    {
        self.with(name, values, &[], refused);
        let case = self.cases.last_mut().unwrap();
        for text in &case.written {
            serde_json::from_str::<T>(text)
                .unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
        }
        let written = case
            .written
            .iter()
            .map(|text| (&*text.clone().leak(), true));
        case.read.extend(written.collect::<Vec<_>>());
    }

    /// A type that is read in another form than it is written in.
    pub(super) fn with<T>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
        read: &[&'static str],
        refused: &[&'static str],
    ) where
        T: Serialize + DeserializeOwned + JsonSchema + Send + 'static,
    {
        let written: Vec<String> = values
            .into_iter()
            .map(|value| serde_json::to_string(&value).unwrap())
            .collect();
        assert!(!written.is_empty(), "{name}");
        for text in read {
            serde_json::from_str::<T>(text)
                .unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
        }
        for text in refused {
            assert!(
                serde_json::from_str::<T>(text).is_err(),
                "{name} reads {text}"
            );
        }
        let read = read.iter().map(|text| (*text, true));
        let refused = refused.iter().map(|text| (*text, false));
        self.cases.push(Case {
            name,
            written,
            read: read.chain(refused).collect(),
        });
        let function = define_rpc_function(format!("corpus:{name}"))
            .types::<fn(T) -> T>()
            .handler(|value: T| value);
        let builder = self.builder.take();
        let builder = builder.unwrap_or_else(|| DevTools::builder().without_collected());
        self.builder = Some(builder.function(function));
    }
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}
