"""Everything that draws; the only code that imports streamlit."""
