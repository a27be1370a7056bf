"""Comments from elsewhere: WordPress and Disqus exports.

A parser (wordpress, disqus) yields neutral items of which nothing is trusted; spool puts them in order, article
by article, on disk; writing keeps them. Nothing is ever fetched from the network.
"""
