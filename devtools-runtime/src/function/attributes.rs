//! The attributes of a function: facts beyond its name and kind.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::function::agent::AgentOptions;

/// The attributes of a function, as its definition has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) cacheable: bool,
    pub(crate) snapshot: bool,
    pub(crate) title: Option<&'static str>,
    pub(crate) agent: Option<AgentOptions>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) public_errors: bool,
    pub(crate) deprecated: Option<&'static str>,
    pub(crate) role: Option<&'static str>,
}

impl Attributes {
    pub(crate) const NONE: Self = Self {
        cacheable: false,
        snapshot: false,
        title: None,
        agent: None,
        timeout: None,
        public_errors: false,
        deprecated: None,
        role: None,
    };

    /// Returns whether all attributes have their defaults.
    pub(crate) const fn is_none(&self) -> bool {
        let Self {
            cacheable,
            snapshot,
            title,
            agent,
            timeout,
            public_errors,
            deprecated,
            role,
        } = self;
        let has_flag = *cacheable || *snapshot || *public_errors;
        let is_described = title.is_some() || agent.is_some() || deprecated.is_some();
        !(has_flag || is_described || timeout.is_some() || role.is_some())
    }
}

/// The attributes of a closure, or of a function of another process.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnAttributes {
    pub(crate) attributes: Attributes,
    /// The title, which need not be a constant of the program.
    pub(crate) title: Option<Cow<'static, str>>,
}

/// A reference to attributes. It is small, because the facts of every function have a field for it, also those of a
/// function without attributes.
#[derive(Debug, Clone)]
pub(crate) enum AttributesRef {
    /// A constant of the program.
    Constant(&'static Attributes),
    Own(Arc<OwnAttributes>),
}

impl AttributesRef {
    pub(crate) fn own(attributes: OwnAttributes) -> Self {
        Self::Own(Arc::new(attributes))
    }

    pub(crate) fn get(&self) -> &Attributes {
        match self {
            Self::Constant(attributes) => attributes,
            Self::Own(own) => &own.attributes,
        }
    }

    pub(crate) fn title(&self) -> Option<&str> {
        match self {
            Self::Constant(attributes) => attributes.title,
            Self::Own(own) => own.title.as_deref(),
        }
    }
}
