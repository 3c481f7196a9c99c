"""Pictures of what was measured, as geometry for templates: every number in a picture is also in its table. Pure,
but for the reader's language, in which numbers are written."""

from datasets.charts.field_lines import FieldLine, field_lines
from datasets.charts.heat_maps import HeatMap, heat_map
from datasets.charts.histograms import Histogram, histogram
from datasets.charts.tree_maps import TreeMap, tree_map

__all__ = ["FieldLine", "HeatMap", "Histogram", "TreeMap", "field_lines", "heat_map", "histogram", "tree_map"]
