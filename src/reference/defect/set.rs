use super::Defect;

/// Which defects a server has; asking is one look at one bit.
#[derive(Clone, Debug)]
pub(crate) struct DefectSet(Vec<bool>);

impl DefectSet {
    pub(crate) fn contains(&self, defect: Defect) -> bool {
        self.0.get(defect as usize).copied().unwrap_or(false)
    }
}

impl FromIterator<Defect> for DefectSet {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        let mut set = vec![false; Defect::ALL.len()];
        for defect in defects {
            if let Some(place) = set.get_mut(defect as usize) {
                *place = true;
            }
        }
        Self(set)
    }
}
