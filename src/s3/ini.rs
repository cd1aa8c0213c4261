//! The lines of a configuration file that the SDK for JavaScript reads, for the SDK for Rust: at a
//! line that this one does not understand it would refuse the whole file.

/// Kinds of sections beside those with a profile's bare name.
const KINDS: [&str; 3] = ["profile", "sso-session", "services"];

/// The same file, without what JavaScript skips, and with nothing indented but what belongs to a key
/// without a value.
pub(super) fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_section = false;
    // A key without a value, and whether it has been written.
    let mut group: Option<(&str, bool)> = None;
    for line in text.lines() {
        let content = without_comment(line).trim();
        if let Some(name) = section(content) {
            let name = normal(name);
            in_section = name.is_some();
            group = None;
            if let Some(name) = name {
                out.push_str(&format!("[{name}]\n"));
            }
            continue;
        }
        let Some((key, value)) = content.split_once('=').filter(|_| in_section) else {
            continue;
        };
        let (key, value) = (key.trim_end(), value.trim_start());
        if key.is_empty() || key.starts_with('[') {
            continue;
        }
        if value.is_empty() {
            group = Some((key, false));
            continue;
        }
        let is_indented = line.starts_with(char::is_whitespace);
        group = group.filter(|_| is_indented);
        if let Some((name, written)) = &mut group {
            if !std::mem::replace(written, true) {
                out.push_str(&format!("{name}=\n"));
            }
            out.push(' ');
        }
        // Without spaces: behind one a `#` would begin a comment.
        out.push_str(&format!("{key}={value}\n"));
    }
    out
}

/// A comment begins a line, or stands behind a space.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        if matches!(letter, '#' | ';') && before.is_whitespace() {
            return &line[..at];
        }
        before = letter;
    }
    line
}

/// What a line that is a section's head has in its brackets.
fn section(content: &str) -> Option<&str> {
    content.strip_prefix('[')?.strip_suffix(']')
}

/// A section's name as both SDKs know it; nothing for one that JavaScript does not take, or Rust.
fn normal(name: &str) -> Option<String> {
    match kind_and_name(name) {
        Some((kind, name)) => KINDS.contains(&kind).then(|| format!("{kind} {name}")),
        None => Some(name.to_owned()).filter(|name| !name.is_empty() && !name.contains(['#', ';'])),
    }
}

/// `profile x` or `profile "x"`.
fn kind_and_name(text: &str) -> Option<(&str, &str)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_name = |c: char| is_word(c) || "@+.%:/".contains(c);
    let (kind, name) = text.split_once(char::is_whitespace)?;
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote));
    let name = unquoted.unwrap_or(name);
    let fits = !kind.is_empty() && kind.chars().all(is_word);
    (fits && !name.is_empty() && name.chars().all(is_name)).then_some((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_types::os_shim_internal::{Env, Fs};
    use proptest::prelude::*;

    #[test]
    fn lines_as_javascript_reads_them() {
        for (text, expected) in [
            ("[default]\na = b", "[default]\na=b\n"),
            ("[default]\nstray\na=b\n= c\n", "[default]\na=b\n"),
            ("a=b\n[default]\n", "[default]\n"),
            ("[default]\r\n  a = b\r\n\tc = d", "[default]\na=b\nc=d\n"),
            ("[default]\na=b\n[open\nc=d\n", "[default]\na=b\nc=d\n"),
            ("[open\nc=d\n", ""),
            ("[]\nc=d\n", ""),
            ("[my name]\nc=d\n[p]\n", "[p]\n"),
            ("[profile 'a.b'] # x\nc=d ; y", "[profile a.b]\nc=d\n"),
            ("[profile \"a\"]\nc =#d", "[profile a]\nc=#d\n"),
            ("[a;b]\nc=d", ""),
            (
                "[p]\ns3 =\n  a = b\n  c = d\ne = f\n",
                "[p]\ns3=\n a=b\n c=d\ne=f\n",
            ),
            ("[p]\nregion =\na = b\n", "[p]\na=b\n"),
            ("[p]\n[a=b\nc=d", "[p]\nc=d\n"),
        ] {
            assert_eq!(readable(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_refused(text in r#"([\[\]=#; \ta"\r\n]|profile |é){0,60}"#) {
            let files = EnvConfigFiles::builder()
                .with_contents(EnvConfigFileKind::Config, readable(&text))
                .build();
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let (fs, env) = (Fs::real(), Env::from_slice(&[]));
            let loading = aws_config::profile::load(&fs, &env, &files, None);
            prop_assert!(runtime.expect("a runtime").block_on(loading).is_ok(), "{}", text);
        }
    }
}
