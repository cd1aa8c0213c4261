//! A small JSON reader that keeps positions.
//!
//! `serde_json::Value` forgets where a value stood and silently keeps the last
//! of two equal keys. S3 refuses such a policy, and a person who looks for the
//! mistake wants line and path, so the room reads JSON itself.

use std::collections::HashSet;

use super::error::PolicyError;

/// The longest policy that is read, in bytes. S3 stores at most 20 KB and IAM
/// less; the rest is headroom for comments in `Sid`s and generous whitespace.
pub const MAX_BYTES: usize = 256 * 1024;

/// The deepest nesting that is read. A policy needs six levels.
pub const MAX_DEPTH: usize = 32;

/// A JSON value and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Byte offset of the first character.
    pub offset: usize,
    /// The value.
    pub json: Json,
}

/// A JSON value. Numbers keep their spelling: `1.20` stays `1.20`.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A string, unescaped.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object; keys are unique and in the order of the text.
    Object(Vec<Member>),
}

impl Json {
    /// What to call the value in an error.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

/// One `"name": value` of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, unescaped.
    pub name: String,
    /// Byte offset of the key.
    pub offset: usize,
    /// The value.
    pub value: Node,
}

/// Names longer than this are cut in paths and reasons: a hostile document
/// must not make its error, or the work of tracking paths, huge.
const LONGEST_NAME: usize = 80;

/// A text from the policy as an error shows it: quoted, and cut when long.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST_NAME) {
        Some((at, _)) => format!("{:?}…", text.get(..at).unwrap_or("")),
        None => format!("{text:?}"),
    }
}

/// Appends an object key to a path: `.Effect`, or `["aws:SourceIp"]` where a
/// bare name would be ambiguous.
pub fn push_key(path: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key.len() <= LONGEST_NAME
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{}]", shown(key)),
    }
}

/// Builds an error that points at a byte offset of the text.
pub fn error_at(text: &str, offset: usize, path: &str, reason: impl Into<String>) -> PolicyError {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let in_line = before.get(line_start..).unwrap_or("");
    PolicyError {
        reason: reason.into(),
        path: path.to_owned(),
        line: Some(before.matches('\n').count() + 1),
        column: Some(in_line.chars().count() + 1),
    }
}

/// Reads one JSON document.
///
/// # Errors
/// A syntax error, a repeated key, nesting beyond [`MAX_DEPTH`] or a text
/// beyond [`MAX_BYTES`], with reason, path, line and column.
pub fn read(text: &str) -> Result<Node, PolicyError> {
    if text.len() > MAX_BYTES {
        let reason = format!(
            "the policy is {} bytes long; more than {MAX_BYTES} are not read, and S3 itself stores at most 20 KB",
            text.len()
        );
        return Err(error_at(text, 0, "", reason));
    }
    // Editors on Windows write a byte order mark that carries no meaning.
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { text, at };
    reader.skip_space();
    let node = reader.value("", 0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(c) => Err(reader.fail("", format!("{c:?} follows the end of the document"))),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn fail(&self, path: &str, reason: impl Into<String>) -> PolicyError {
        error_at(self.text, self.at, path, reason)
    }

    fn unexpected(&self, path: &str, wanted: &str) -> PolicyError {
        match self.peek() {
            Some(c) => self.fail(path, format!("expected {wanted}, found {c:?}")),
            None => self.fail(
                path,
                format!("expected {wanted}, found the end of the text"),
            ),
        }
    }

    fn value(&mut self, path: &str, depth: usize) -> Result<Node, PolicyError> {
        if depth > MAX_DEPTH {
            let reason = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(self.fail(path, reason));
        }
        let offset = self.at;
        let json = match self.peek() {
            Some('{') => self.object(path, depth)?,
            Some('[') => self.list(path, depth)?,
            Some('"') => Json::Text(self.string(path)?),
            Some('-' | '0'..='9') => Json::Number(self.number(path)?),
            Some('a'..='z') => self.word(path)?,
            _ => return Err(self.unexpected(path, "a value")),
        };
        Ok(Node { offset, json })
    }

    fn word(&mut self, path: &str) -> Result<Json, PolicyError> {
        let words = [
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("null", Json::Null),
        ];
        for (word, json) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(json);
            }
        }
        Err(self.unexpected(path, "a value"))
    }

    fn object(&mut self, path: &str, depth: usize) -> Result<Json, PolicyError> {
        self.at += 1;
        let mut members = Vec::new();
        let mut names = HashSet::new();
        self.skip_space();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            let offset = self.at;
            if self.peek() != Some('"') {
                return Err(self.unexpected(path, "a key in double quotes"));
            }
            let name = self.string(path)?;
            let inner = push_key(path, &name);
            if !names.insert(name.clone()) {
                let reason = format!("the key {} occurs twice in one object", shown(&name));
                return Err(error_at(self.text, offset, &inner, reason));
            }
            self.skip_space();
            if self.peek() != Some(':') {
                return Err(self.unexpected(&inner, "':'"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(&inner, depth + 1)?;
            members.push(Member {
                name,
                offset,
                value,
            });
            if self.ends(path, '}')? {
                return Ok(Json::Object(members));
            }
        }
    }

    fn list(&mut self, path: &str, depth: usize) -> Result<Json, PolicyError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            self.skip_space();
            let inner = format!("{path}[{}]", items.len());
            items.push(self.value(&inner, depth + 1)?);
            if self.ends(path, ']')? {
                return Ok(Json::List(items));
            }
        }
    }

    /// Reads what separates two items: true at the closing bracket.
    fn ends(&mut self, path: &str, close: char) -> Result<bool, PolicyError> {
        self.skip_space();
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(false)
            }
            Some(c) if c == close => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.unexpected(path, &format!("',' or '{close}'"))),
        }
    }

    fn string(&mut self, path: &str) -> Result<String, PolicyError> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.peek() {
                None => {
                    let reason = "a string is not closed";
                    return Err(error_at(self.text, start, path, reason));
                }
                Some('"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some('\\') => out.push(self.escape(path)?),
                Some(c) if c < ' ' => {
                    let reason = format!("the control character {c:?} must be escaped in a string");
                    return Err(self.fail(path, reason));
                }
                Some(c) => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
    }

    fn escape(&mut self, path: &str) -> Result<char, PolicyError> {
        let start = self.at;
        self.at += 1;
        let escaped = match self.next() {
            Some(c @ ('"' | '\\' | '/')) => Some(c),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.unicode(),
            _ => None,
        };
        escaped.ok_or_else(|| error_at(self.text, start, path, "not a valid escape in a string"))
    }

    fn unicode(&mut self) -> Option<char> {
        let high = self.hex4()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high);
        }
        if !self.rest().starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let low = self.hex4()?;
        if !(0xdc00..0xe000).contains(&low) {
            return None;
        }
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self, path: &str) -> Result<String, PolicyError> {
        let start = self.at;
        while matches!(self.peek(), Some('-' | '+' | '.' | 'e' | 'E' | '0'..='9')) {
            self.at += 1;
        }
        let literal = self.text.get(start..self.at).unwrap_or("");
        // The grammar of numbers has corners (no leading zero, no bare point)
        // that serde_json already knows.
        match serde_json::from_str::<serde_json::Number>(literal) {
            Ok(_) => Ok(literal.to_owned()),
            Err(_) => {
                let reason = format!("{} is not a JSON number", shown(literal));
                Err(error_at(self.text, start, path, reason))
            }
        }
    }
}
