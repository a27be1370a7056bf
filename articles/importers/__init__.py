"""Articles from elsewhere: WordPress exports, and Markdown with front matter as Jekyll and Hugo keep it.

A parser (wxr, markdown) yields neutral items with HTML that nobody trusts yet; converting makes a body
of it and says what was lost; writing stores it. Nothing is ever fetched from the network.
"""
