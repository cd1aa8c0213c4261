//! YAML as Serverless writes it, read into plain JSON: pure, and it knows no setting.
//!
//! The core schema of YAML 1.2, with anchors, merge keys (`<<`) and CloudFormation's short tags.

mod build;
mod scalar;

use saphyr_parser::{Parser, ScanError, Span};
use serde_json::Value;

use crate::error::{Error, Result};

/// The one document of `text`; `name` is how an error calls the file.
pub fn parse(text: &str, name: &str) -> Result<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    build::document(&mut Parser::new_from_str(text)).map_err(|problem| problem.error(name))
}

/// What is wrong, and where.
struct Problem {
    line: usize,
    column: usize,
    text: String,
}

impl Problem {
    fn at(span: Span, text: impl Into<String>) -> Problem {
        Problem {
            line: span.start.line(),
            column: span.start.col() + 1,
            text: text.into(),
        }
    }

    fn error(self, name: &str) -> Error {
        let Problem { line, column, text } = self;
        Error::invalid(
            name,
            &format!("is not valid YAML: line {line}, column {column}: {text}"),
            "Correct the file",
        )
    }
}

impl From<ScanError> for Problem {
    fn from(error: ScanError) -> Problem {
        let at = error.marker();
        Problem {
            line: at.line(),
            column: at.col() + 1,
            text: error.info().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
