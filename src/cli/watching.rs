use std::io::IsTerminal as _;
use std::time::Duration;

use crate::report::LivePage;

use super::arguments;
use super::audience::Audience;
use super::failure::Failure;
use super::interruption::Requests;
use super::reports::earlier;

/// How long a page that is open may take to fetch the whole of the report at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The page on which a run can be watched, while it is served.
pub(super) struct Watching {
    page: LivePage,
    /// To end; `None` where nobody is there to ask for it.
    requests: Option<Requests>,
    color: bool,
}

impl Watching {
    /// Serves it, where that was asked for, and says where.
    pub(super) async fn begin(
        arguments: &arguments::Run,
        audience: &mut Audience,
        color: bool,
    ) -> Result<Option<Self>, Failure> {
        let Some(port) = arguments.watch_page else { return Ok(None) };
        let earlier = arguments.reporting.earlier.as_deref().map(earlier).transpose()?;
        let page = LivePage::serve(port, earlier).await.map_err(|error| {
            Failure::usage(format!("no page can be served on port {port} of 127.0.0.1: {error}"))
                .help("leave the port out, `--watch-page`, and any that is free is taken")
        })?;
        audience.add(page.reporter());
        let told = Failure::usage(format!("the run can be watched at {}", page.url()));
        told.note().tell(color);
        let is_person = std::io::stdout().is_terminal() && std::env::var_os("CI").is_none();
        let requests = if is_person { Requests::listen().ok() } else { None };
        Ok(Some(Self { page, requests, color }))
    }

    /// Ends it. Where a person is there to press Ctrl-C it stays until then, which may have been during the run;
    /// elsewhere nobody would, and pages that are open are given the whole report.
    pub(super) async fn end(mut self) {
        if let Some(requests) = &mut self.requests {
            Failure::usage(format!("the report stays at {} until Ctrl-C", self.page.url()))
                .note()
                .tell(self.color);
            requests.next().await;
        }
        self.page.end(PATIENCE).await;
    }
}
