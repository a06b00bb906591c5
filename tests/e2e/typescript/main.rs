//! The declarations for TypeScript, as the real compiler sees them.

mod corpus;
mod guides;
mod looks;
mod names;
mod panel;
mod values;
