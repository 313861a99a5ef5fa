"""Reading untrusted documents where they can do no harm: in processes of their own, bounded in memory and time.

A page of 70 kB can take an HTML parser to gigabytes, and a smaller one can crash it. Whatever happens to the reader, the
document is then taken a second time, by a fresh one and without a parser, and its page says what that left out.
"""
