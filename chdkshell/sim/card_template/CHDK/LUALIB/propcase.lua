-- Numbers of the camera's properties by name: require'propcase'
return require('gen/propset' .. get_propset())
