//! `bucketEndpoint`: the bucket is named by the URL at which it answers.

use aws_sdk_s3::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};

#[derive(Debug)]
pub(super) struct BucketUrl(pub String);

impl ResolveEndpoint for BucketUrl {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}
