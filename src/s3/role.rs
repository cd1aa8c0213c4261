//! A role to assume before the request is signed, for a state account.

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::error::{name, Error, Result};
use crate::similar::did_you_mean;
use crate::value::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    arn: String,
    external_id: Option<String>,
    session_name: Option<String>,
}

/// Of roles for which the caller names none.
pub(super) const SESSION_NAME: &str = "stateseal";

const NAMES: [&str; 3] = ["roleArn", "externalId", "sessionName"];

impl Role {
    /// One role, or a list of roles each of which assumes the next.
    pub fn parse_list(value: Option<&Value>) -> Result<Vec<Role>> {
        match value {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list
                .iter()
                .enumerate()
                .map(|(index, role)| Role::parse(role, &format!("assumeRole[{index}]")))
                .collect(),
            Some(one) => Ok(vec![Role::parse(one, "assumeRole")?]),
        }
    }

    fn parse(value: &Value, place: &str) -> Result<Role> {
        let Value::Object(entries) = value else {
            return Err(Error::wrong_type(
                place,
                value,
                "Give { roleArn, externalId?, sessionName? }",
            ));
        };
        if let Some((key, _)) = entries
            .iter()
            .find(|(key, _)| !NAMES.contains(&key.as_str()))
        {
            return Err(Error::invalid(
                &format!("{place}.{key}"),
                &format!("is not a setting{}", did_you_mean(key, NAMES)),
                "Give roleArn, externalId, sessionName",
            ));
        }
        let text = |name: &str| match value.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(other) => Err(Error::wrong_type(
                &format!("{place}.{name}"),
                other,
                "Give a non-empty string",
            )),
        };
        let setting = format!("{place}.roleArn");
        let arn = text("roleArn")?.ok_or_else(|| {
            Error::argument(
                name::MISSING,
                &setting,
                "is required",
                "Give the role's ARN",
            )
        })?;
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let is_role = matches!(parts[..], ["arn", _, "iam", "", _, resource] if resource.starts_with("role/"));
        if !is_role {
            return Err(Error::invalid(
                &setting,
                "is not the ARN of a role",
                "Give an ARN such as arn:aws:iam::111122223333:role/state",
            ));
        }
        Ok(Role {
            arn,
            external_id: text("externalId")?,
            session_name: text("sessionName")?,
        })
    }

    pub(super) async fn assume(
        &self,
        base: SharedCredentialsProvider,
        config: &aws_config::SdkConfig,
    ) -> SharedCredentialsProvider {
        let mut builder = AssumeRoleProvider::builder(&self.arn)
            .session_name(self.session_name.as_deref().unwrap_or(SESSION_NAME))
            .configure(config);
        if let Some(id) = &self.external_id {
            builder = builder.external_id(id);
        }
        SharedCredentialsProvider::new(builder.build_from_provider(base).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_roles_are_named() {
        let object = |entries: &[(&str, &str)]| {
            let text = |(k, v): &(&str, &str)| ((*k).into(), Value::String((*v).into()));
            Value::Object(entries.iter().map(text).collect())
        };
        let good = object(&[
            ("roleArn", "arn:aws-cn:iam::111122223333:role/a/b"),
            ("externalId", "x"),
        ]);
        assert_eq!(
            Role::parse_list(Some(&good)).map(|roles| roles.len()).ok(),
            Some(1)
        );
        assert_eq!(
            Role::parse_list(Some(&Value::Array(vec![good.clone(), good.clone()])))
                .map(|roles| roles.len())
                .ok(),
            Some(2)
        );
        for (bad, setting) in [
            (object(&[]), "assumeRole.roleArn"),
            (object(&[("roleArn", "role/x")]), "assumeRole.roleArn"),
            (
                object(&[("roleArn", "arn:aws:iam::1:user/x")]),
                "assumeRole.roleArn",
            ),
            (object(&[("role_arn", "x")]), "assumeRole.role_arn"),
            (Value::String("x".into()), "assumeRole"),
        ] {
            let error = Role::parse_list(Some(&bad)).expect_err(setting);
            assert_eq!(error.setting.as_deref(), Some(setting));
        }
    }
}
