"""Sightings in, findings out. Pure: values and tables in, values out.

Each question is a file. It is handed a DuckDB connection with the tables ``flows``, ``arp`` and
``names`` that ``_tables.ready`` has made ready, asks it for group-bys in plain SQL, and thinks on
the small result.
"""
