//! The list of a dump's functions, in the form in which a server in dev mode lists its own.

use super::manifest::{Format, Manifest, ManifestEntry};
use crate::function::{FunctionInfo, FunctionKind, Side};
use crate::wire::Encoding;

/// Lists the functions of a dump, sorted by name. Parameters are unknown, because the manifest does not have them.
pub(super) fn functions(manifest: &Manifest) -> Vec<FunctionInfo> {
    let mut functions: Vec<FunctionInfo> = manifest
        .entries()
        .map(|(name, entry)| {
            let (kind, format) = match entry {
                ManifestEntry::Static { format, .. } => (FunctionKind::Static, *format),
                ManifestEntry::Inline(_) => (FunctionKind::Static, Format::Json),
                ManifestEntry::Query { format, .. } => (FunctionKind::Query, *format),
                ManifestEntry::Unreadable(_) => (FunctionKind::Query, Format::Json),
            };
            FunctionInfo {
                name: name.to_owned(),
                kind,
                side: Side::Server,
                encoding: match format {
                    Format::Json => Encoding::Json,
                    Format::Clone => Encoding::StructuredClone,
                },
                title: None,
                description: String::new(),
                parameters: Vec::new(),
                schema: None,
                cacheable: false,
                snapshot: false,
                dump: false,
                setup: false,
                role: None,
                agent: None,
                file: String::new(),
                line: 0,
                package: String::new(),
            }
        })
        .collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    functions
}
