"""Values to text: tables, pages, exports. Nothing here asks or decides."""
